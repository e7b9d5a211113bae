/* What the figures that move share: controls, a drawing with panels, things to drag, a sentence.

A figure is a custom element. Its class says what the reader set (inputs), what follows from that
(static numbers: the rules' own arithmetic, from rules.js), how it is drawn (paint) and what it
means (sentence). Without scripts an element shows what is written inside it. */
"use strict";

(() => {
  const WIDTH = 660, LEFT = 58, RIGHT = 650;
  const within = (value, low, high) => Math.max(low, Math.min(high, value));

  function svg(name, attributes = {}, text = "") {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text) node.textContent = text;
    return node;
  }

  /* A rectangle of the drawing with its own scales: x and y are [first, last] of the data. */
  class Panel {
    constructor(picture, { top, bottom, left = LEFT, right = RIGHT, x, y }) {
      Object.assign(this, { picture, top, bottom, left, right });
      this.x = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
      this.y = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - top);
      this.range = y;
    }

    /* Horizontal lines at round values, named by `show`. */
    grid(show = String, count = 4) {
      const [low, high] = this.range, rough = (high - low) / count;
      const power = 10 ** Math.floor(Math.log10(rough));
      const tick = power * [1, 2, 5, 10].find((k) => k * power >= rough * (1 - 1e-9));
      for (let k = Math.ceil(low / tick - 1e-9); k * tick <= high + 1e-9; k++) {
        const y = this.y(k * tick);
        this.add("line", { class: "grid", x1: this.left, x2: this.right, y1: y, y2: y });
        this.text(this.left - 6, y + 4, show(+(k * tick).toPrecision(6)), "end");
      }
    }

    line(name, values, style = {}, first = 0) {
      const points = values.map((value, i) => [first + i, value]);
      this.path(name, points, style);
    }

    path(name, points, style = {}) {
      const { top, bottom } = this, height = bottom - top;
      let d = "", open = false;
      for (const [x, y] of points) {
        const at = this.y(y);
        const shown = Number.isFinite(at) && Math.abs(this.x(x)) < 1e5;
        if (shown) {
          const limited = within(at, top - height, bottom + height);
          d += `${open ? "L" : "M"}${this.x(x).toFixed(1)},${limited.toFixed(1)}`;
        }
        open = shown;
      }
      this.add("path", { class: `curve ${name}`, d, "clip-path": this.picture.clip(this), ...style });
    }

    level(value, name = "alpha") {
      const y = this.y(value);
      this.add("line", { class: name, x1: this.left, x2: this.right, y1: y, y2: y });
    }

    text(x, y, text, anchor = "start") {
      this.add("text", { x, y, "text-anchor": anchor }, text);
    }

    title(text) {
      this.text(this.left, this.top - 6, text);
    }

    add(...description) {
      this.picture.parts.push(svg(...description));
    }
  }

  class Picture {
    constructor(host, height, label) {
      this.box = svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "group", "aria-label": label });
      this.clips = this.box.appendChild(svg("defs"));
      this.layer = this.box.appendChild(svg("g"));
      this.known = new Map();
      this.parts = [];
      host.appendChild(this.box);
    }

    clip({ left, right, top, bottom }) {
      const key = [left, right, top, bottom].join("-");
      if (!this.known.has(key)) {
        const id = `clip-${Picture.count++}`, path = svg("clipPath", { id });
        path.append(svg("rect", { x: left, y: top, width: right - left, height: bottom - top }));
        this.clips.append(path);
        this.known.set(key, `url(#${id})`);
      }
      return this.known.get(key);
    }

    show(paint) {
      this.parts = [];
      paint();
      this.layer.replaceChildren(...this.parts);
    }

    /* Something to drag. `at(x, y)` gets fractions of the pad, `step(dx, dy)` the keys of a slider:
       Home and End go to the ends from left to right, Page Up and Down five steps at once. */
    pad({ top, bottom, left = LEFT, right = RIGHT, label, low = -1, high = 1, at, step }) {
      const pad = svg("rect", {
        x: left, y: top, width: right - left, height: bottom - top, fill: "transparent",
        tabindex: 0, role: "slider", "aria-label": label, "aria-valuemin": low, "aria-valuemax": high,
      });
      pad.classList.add("pad");
      const point = (event, begins) => {
        const frame = pad.getBoundingClientRect();
        at((event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height, begins);
      };
      pad.addEventListener("pointerdown", (event) => {
        if (event.button) return; // another opens a menu
        pad.setPointerCapture(event.pointerId);
        point(event, true);
      });
      pad.addEventListener("pointermove", (event) => { if (event.buttons & 1) point(event, false); });
      const keys = {
        ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
        Home: [-Infinity, 0], End: [Infinity, 0], PageUp: [0, 5], PageDown: [0, -5],
      };
      pad.addEventListener("keydown", (event) => {
        if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return; // the browser's
        event.preventDefault();
        step(...keys[event.key]);
      });
      this.box.appendChild(pad);
      return (now, words) => {
        pad.setAttribute("aria-valuenow", now);
        pad.setAttribute("aria-valuetext", words);
      };
    }
  }
  Picture.count = 0;

  /* A row of bars that the reader draws: one value in [low, 1] for each step. */
  class Strip {
    constructor(figure, { count, top, bottom, low = -1, label, name, shapes, first }) {
      Object.assign(this, { figure, count, top, bottom, low, label, name });
      this.shape = shapes[first];
      this.values = Array.from({ length: count }, (_, i) => this.shape(i));
      this.cursor = count - 1;
      figure.buttons(shapes, (shape) => {
        this.shape = shape;
        this.values = this.values.map((_, i) => shape(i));
      });
    }

    listen() { // after the picture is there
      const { figure, top, bottom, low, label } = this;
      this.tell = figure.picture.pad({
        top, bottom, label, low,
        at: (x, y, begins) => this.drawTo(Math.floor(x * this.count), 1 - y * (1 - low), begins),
        step: (dx, dy) => {
          this.cursor = within(this.cursor + dx, 0, this.count - 1);
          this.set(this.cursor, this.values[this.cursor] + dy / 10);
          figure.draw();
        },
      });
    }

    set(i, value) {
      const limited = within(value, this.low, 1);
      this.values[i] = Math.abs(limited) < 0.02 ? 0 : limited;
    }

    /* A fast pointer leaves no gap: the steps between its last place and this one follow a line. */
    drawTo(i, value, begins) {
      i = within(i, 0, this.count - 1);
      const from = begins ? i : this.cursor, last = this.values[from];
      for (let k = Math.abs(i - from); k >= 0; k--) {
        const share = k / (Math.abs(i - from) || 1);
        this.set(i - Math.sign(i - from) * k, value + (begins ? 0 : share * (last - value)));
      }
      this.cursor = i;
      this.figure.draw();
    }

    paint() {
      const { top, bottom, low, count, values, cursor, name } = this;
      const panel = this.figure.panel({ top, bottom, x: [-0.5, count - 0.5], y: [low, 1] });
      panel.title(this.label);
      panel.level(0, "grid");
      const width = Math.max(1, panel.x(1) - panel.x(0) - 2);
      values.forEach((value, i) => panel.add("rect", {
        class: i === cursor ? "bar here" : "bar", x: panel.x(i) - width / 2, width,
        y: panel.y(Math.max(0, value)), height: Math.max(1, Math.abs(panel.y(value) - panel.y(0))),
      }));
      this.tell(values[cursor].toFixed(2), `${name} ${cursor + 1} of ${count}: ${values[cursor].toFixed(2)}`);
    }
  }

  const ELEMENT = globalThis.HTMLElement ?? class {}; // node has none, and tests the numbers alone

  class MovingFigure extends ELEMENT {
    static svg = svg;
    static within = within;
    static figures = {};

    /* Name an element; it comes alive when the page has been read. */
    static define(name, figure) {
      MovingFigure.figures[name] = figure;
      globalThis.document?.addEventListener("DOMContentLoaded", () => customElements.define(name, figure));
    }

    /* Decay factors are set on a scale of memory: x stands for 1 - 10^-x. */
    static decay = (x) => 1 - 10 ** -x;
    static showDecay = (x) => String(+MovingFigure.decay(x).toPrecision(4));

    connectedCallback() {
      this.replaceChildren();
      this.classList.add("moving-figure");
      this.build();
      this.strip?.listen();
      this.status = this.appendChild(document.createElement("p"));
      this.status.setAttribute("role", "status");
      this.draw();
    }

    draw() {
      const inputs = this.inputs(), numbers = this.constructor.numbers(inputs);
      this.shown = { inputs, numbers };
      this.picture.show(() => { this.paint(numbers, inputs); this.strip?.paint(); });
      this.status.textContent = this.sentence(numbers, inputs).replace(/(\d) (?=[α%])/g, "$1\u00a0");
    }

    row() {
      const row = this.appendChild(document.createElement("div"));
      row.className = "moving-controls";
      return row;
    }

    slider(row, label, [low, high, step], value, show = String) {
      const box = row.appendChild(document.createElement("label"));
      const text = box.appendChild(document.createElement("span"));
      const input = box.appendChild(document.createElement("input"));
      Object.assign(input, { type: "range", min: low, max: high, step, value });
      const update = () => {
        text.textContent = `${label} = ${show(+input.value)}`;
        input.setAttribute("aria-valuetext", show(+input.value));
      };
      input.addEventListener("input", () => { update(); this.draw(); });
      update();
      return input;
    }

    decaySlider(row, label, highest, value) {
      return this.slider(row, label, [0.05, highest, 0.01], value, MovingFigure.showDecay);
    }

    button(row, name, action) {
      const button = row.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => { action(button); this.draw(); });
      return button;
    }

    /* A button that is on or off; returns a function that says which. */
    toggle(row, name, on = true) {
      const button = this.button(row, name, () => button.setAttribute("aria-pressed", !pressed()));
      const pressed = () => button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", on);
      return pressed;
    }

    buttons(choices, choose) {
      const row = this.row();
      for (const [name, choice] of Object.entries(choices)) this.button(row, name, () => choose(choice));
    }

    select(row, label, names) {
      const box = row.appendChild(document.createElement("label"));
      box.appendChild(document.createElement("span")).textContent = label;
      const select = box.appendChild(document.createElement("select"));
      for (const name of names) select.appendChild(document.createElement("option")).textContent = name;
      select.addEventListener("change", () => this.draw());
      return select;
    }

    draws(height, label) {
      this.picture = new Picture(this, height, label);
    }

    panel(description) {
      return new Panel(this.picture, description);
    }

    /* One coordinate of a rule: a function of t, g and θ that keeps its state from call to call.
       `now` holds hyper-parameters that change with the step. */
    static rule(name, settings) {
      const { rules, defaults, states } = window.adambook, names = Object.keys(states[name]);
      const fixed = { ...defaults[name], ...settings };
      let state = Object.values(states[name]);
      return (t, g, theta = 0, now = {}) => {
        const result = rules[name]({ ...fixed, ...now }, t, g, theta, ...state);
        state = names.map((key) => result[key]);
        return result;
      };
    }

    /* Colour and line of an optimizer, as in every plot of the book. */
    static look(name) {
      const { colour, onDark, dashes } = window.adambook.look[name];
      const style = `--colour: ${colour}; --on-dark: ${onDark}`;
      return { style, "stroke-dasharray": dashes.join(" ") };
    }
  }

  window.MovingFigure = MovingFigure;
  window.MovingStrip = Strip;
})();
