/* <step-bound>: Adam's step above gradients that the reader draws, under the exact bound.

The arithmetic is the rule's own: window.adambook (rules.js) is printed from the package when the
site is built. Without scripts the element shows what is written inside it. */
"use strict";

(() => {
  const N = 60; // gradients shown
  const WIDTH = 660, LEFT = 44, RIGHT = 650, TOP = 16, FLOOR = 196, MIDDLE = 262, HALF = 42;
  const SHAPES = {
    "one spike": (i) => (i === N - 1 ? 1 : 0),
    "ten in a row": (i) => (i >= N - 10 ? 1 : 0),
    "growing by 11 %": (i) => (10 / 9) ** (i - N + 1),
    "constant": () => 1,
    "to and fro": (i) => (i % 2 ? -1 : 1),
  };

  /* |Δ_t|/α at ε = 0 for each gradient, after `quiet` steps with gradient zero. */
  function stepSizes(gradients, beta1, beta2, quiet) {
    const h = { alpha: 1, beta1, beta2, epsilon: 0 };
    let m = 0, v = 0;
    return gradients.map((g, i) => {
      const step = window.adambook.rules.Adam(h, quiet + i + 1, g, 0, m, v);
      ({ m, v } = step);
      return v > 0 ? Math.abs(step.delta) : 0;
    });
  }

  /* S_t for each of the N steps after `quiet` others. */
  function bounds(n, beta1, beta2, quiet) {
    return Array.from({ length: n }, (_, i) =>
      Math.sqrt(window.adambook.stepBoundSquared(beta1, beta2, quiet + i + 1)));
  }

  const svg = (name, attributes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };

  class StepBound extends HTMLElement {
    static stepSizes = stepSizes;
    static bounds = bounds;

    connectedCallback() {
      this.gradients = Array.from({ length: N }, (_, i) => SHAPES["ten in a row"](i));
      this.at = N - 1;
      this.replaceChildren();
      this.classList.add("moving-figure");
      this.controls();
      this.picture();
      this.status = this.appendChild(document.createElement("p"));
      this.status.setAttribute("role", "status");
      this.draw();
    }

    controls() {
      const row = this.appendChild(document.createElement("div"));
      row.className = "moving-controls";
      const slider = (label, low, high, value, show) => {
        const box = row.appendChild(document.createElement("label"));
        const text = box.appendChild(document.createElement("span"));
        const input = box.appendChild(document.createElement("input"));
        Object.assign(input, { type: "range", min: low, max: high, step: 0.01, value });
        const update = () => {
          text.textContent = `${label} = ${show(+input.value)}`;
          input.setAttribute("aria-valuetext", show(+input.value));
        };
        input.addEventListener("input", () => { update(); this.draw(); });
        update();
        return input;
      };
      const decay = (x) => (1 - 10 ** -x).toPrecision(4).replace(/0+$/, "");
      this.slider1 = slider("β₁", 0.05, 2, 1, decay);
      this.slider2 = slider("β₂", 0.05, 4, 3, decay);
      this.sliderQ = slider("quiet steps before", 0, 4, 4, (x) => String(Math.round(10 ** x) - 1));
      const buttons = this.appendChild(document.createElement("div"));
      buttons.className = "moving-controls";
      for (const [name, shape] of Object.entries(SHAPES)) {
        const button = buttons.appendChild(document.createElement("button"));
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => {
          this.gradients = this.gradients.map((_, i) => shape(i));
          this.draw();
        });
      }
    }

    picture() {
      const box = svg("svg", { viewBox: `0 0 ${WIDTH} 322`, role: "group" });
      box.setAttribute("aria-label", "Steps of Adam above the gradients that cause them");
      this.layer = box.appendChild(svg("g", {}));
      const pad = box.appendChild(svg("rect", {
        x: LEFT, y: MIDDLE - HALF - 6, width: RIGHT - LEFT, height: 2 * HALF + 12,
        fill: "transparent", tabindex: 0, role: "slider",
        "aria-label": "gradient under the cursor", "aria-valuemin": -1, "aria-valuemax": 1,
      }));
      pad.style.touchAction = "none";
      pad.style.cursor = "crosshair";
      const set = (event) => {
        const frame = box.getBoundingClientRect();
        const scale = WIDTH / frame.width;
        const x = (event.clientX - frame.left) * scale, y = (event.clientY - frame.top) * scale;
        this.at = Math.max(0, Math.min(N - 1, Math.floor(((x - LEFT) / (RIGHT - LEFT)) * N)));
        this.change((MIDDLE - y) / HALF - this.gradients[this.at]);
      };
      pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); set(event); });
      pad.addEventListener("pointermove", (event) => { if (event.buttons) set(event); });
      pad.addEventListener("keydown", (event) => {
        const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const change = { ArrowUp: 0.1, ArrowDown: -0.1 }[event.key];
        if (!move && !change) return;
        event.preventDefault();
        this.at = Math.max(0, Math.min(N - 1, this.at + (move || 0)));
        this.change(change || 0);
      });
      this.pad = pad;
      this.appendChild(box);
    }

    change(amount) {
      const value = Math.max(-1, Math.min(1, this.gradients[this.at] + amount));
      this.gradients[this.at] = Math.abs(value) < 0.02 ? 0 : value;
      this.draw();
    }

    draw() {
      const beta1 = 1 - 10 ** -this.slider1.value, beta2 = 1 - 10 ** -this.slider2.value;
      const quiet = Math.round(10 ** this.sliderQ.value) - 1;
      const sizes = stepSizes(this.gradients, beta1, beta2, quiet);
      const limit = bounds(N, beta1, beta2, quiet);
      const finite = limit.filter((s) => s < 40);
      const top = 1.1 * Math.max(1.5, ...sizes, ...finite);
      const x = (i) => LEFT + ((i + 0.5) * (RIGHT - LEFT)) / N;
      const y = (size) => FLOOR - ((FLOOR - TOP) * Math.min(size, 2 * top)) / top;
      const path = (values) => values.map((s, i) => `${i ? "L" : "M"}${x(i).toFixed(1)},${Math.max(0, y(s)).toFixed(1)}`).join("");
      const parts = [];
      const add = (name, attributes, text) => {
        const node = svg(name, attributes);
        if (text) node.textContent = text;
        parts.push(node);
      };
      const tick = top > 12 ? 5 : top > 5 ? 2 : 1;
      for (let k = 0; k < top; k += tick) {
        add("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: y(k), y2: y(k) });
        add("text", { x: LEFT - 6, y: y(k) + 4, "text-anchor": "end" }, `${k}α`);
      }
      add("line", { class: "alpha", x1: LEFT, x2: RIGHT, y1: y(1), y2: y(1) });
      add("path", { class: "bound", d: path(limit) });
      add("path", { class: "step", d: path(sizes) });
      const label = Math.max(TOP - 4, y(limit[0]) - 6);
      add("text", { x: LEFT + 6, y: label }, "the exact bound on |Δ|");
      add("text", { x: LEFT + 6, y: MIDDLE - HALF - 10 }, "gradients: draw them here");
      add("line", { class: "grid", x1: LEFT, x2: RIGHT, y1: MIDDLE, y2: MIDDLE });
      this.gradients.forEach((g, i) => add("rect", {
        class: i === this.at ? "bar here" : "bar", x: x(i) - 4, width: 8,
        y: MIDDLE - Math.max(0, g) * HALF, height: Math.max(1, Math.abs(g) * HALF),
      }));
      this.layer.replaceChildren(...parts);
      this.pad.setAttribute("aria-valuenow", this.gradients[this.at].toFixed(2));
      this.pad.setAttribute("aria-valuetext", `gradient ${this.at + 1} of ${N}: ${this.gradients[this.at].toFixed(2)}`);
      const largest = Math.max(...sizes), where = sizes.indexOf(largest);
      const end = limit[N - 1], last = quiet + N;
      this.status.textContent = `Largest step: ${largest.toFixed(2)} α, at step ${quiet + where + 1}. `
        + (end < 1e4
          ? `No gradients at all can make step ${last} longer than ${end.toFixed(2)} α.`
          : `Other gradients could make step ${last} longer than 10,000 α.`);
    }
  }

  window.StepBound = StepBound;
  document.addEventListener("DOMContentLoaded", () => customElements.define("step-bound", StepBound));
})();
