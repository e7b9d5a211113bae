/* <optimizer-race>: several rules from one start, which the reader drags, on one surface. */
"use strict";

(() => {
  const RACERS = { SGD: -1.6, Momentum: -2.2, AdaGrad: -0.4, RMSProp: -1.5, Adam: -1 }; // log10 α
  const STEPS = 150;
  const PLANE = { top: 8, bottom: 330 }, LOSSES = { top: 366, bottom: 466 };
  const away = ([x, y]) => !(Math.abs(x) < 1e3 && Math.abs(y) < 1e3);

  MovingFigure.define("optimizer-race", class extends MovingFigure {
    /* Path and loss of each rule. One that runs far off the surface is followed no further. */
    static numbers({ surface, start, steps, alphas }) {
      const { value, slopeX, slopeY, minimum } = window.adambook.surfaces[surface];
      const best = value(...minimum), paths = {}, losses = {};
      for (const [name, alpha] of Object.entries(alphas)) {
        const x = MovingFigure.rule(name, { alpha }), y = MovingFigure.rule(name, { alpha });
        const path = [start];
        for (let t = 1; t <= steps && !away(path[t - 1]); t++) {
          const at = path[t - 1], g = [slopeX(...at), slopeY(...at)];
          path.push([at[0] + x(t, g[0], at[0]).delta, at[1] + y(t, g[1], at[1]).delta]);
        }
        paths[name] = path;
        losses[name] = path.map((at) => value(...at) - best);
      }
      return { paths, losses };
    }

    build() {
      const row = this.row();
      this.surface = this.select(row, "surface", Object.keys(window.adambook.surfaces));
      this.surface.addEventListener("change", () => this.place());
      this.steps = this.slider(row, "steps", [1, STEPS, 1], STEPS);
      this.button(row, "play", () => this.play());
      this.racers = {};
      const lanes = this.row();
      for (const [name, power] of Object.entries(RACERS)) {
        const lane = lanes.appendChild(document.createElement("div"));
        lane.className = "moving-lane";
        const runs = this.toggle(lane, name, true);
        const sample = MovingFigure.svg("svg", { viewBox: "0 0 44 8", "aria-hidden": "true" });
        sample.append(MovingFigure.svg("path", { class: "curve", d: "M1,4L43,4", ...MovingFigure.look(name) }));
        lane.firstChild.prepend(sample);
        const alpha = this.slider(lane, "α", [-4, 1, 0.05], power, (x) => (10 ** x).toPrecision(2));
        alpha.setAttribute("aria-label", `α of ${name}`);
        this.racers[name] = { runs, alpha };
      }
      this.draws(472, "Paths of optimizers on a surface, and their losses below");
      const edges = Object.values(window.adambook.surfaces).flatMap(({ bounds }) => bounds[0]);
      this.tell = this.picture.pad({
        ...PLANE, low: Math.min(...edges), high: Math.max(...edges), label: "where all start: drag it, or use the arrow keys",
        at: (x, y) => { this.move((low, high) => low + x * (high - low), (low, high) => high - y * (high - low)); },
        step: (dx, dy) => {
          const [x, y] = this.start;
          this.move((low, high) => x + (dx * (high - low)) / 40, (low, high) => y + (dy * (high - low)) / 40);
        },
      });
      this.place();
    }

    place() {
      this.start = window.adambook.surfaces[this.surface.value].start;
    }

    move(newX, newY) {
      const [[left, right], [low, high]] = window.adambook.surfaces[this.surface.value].bounds;
      const { within } = MovingFigure;
      this.start = [within(newX(left, right), left, right), within(newY(low, high), low, high)];
      this.draw();
    }

    /* Step by step, of which screen readers say the last; at once for readers who asked for less motion. */
    play() {
      cancelAnimationFrame(this.frame);
      const show = (steps) => {
        this.steps.value = steps;
        this.steps.dispatchEvent(new Event("input"));
      };
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) { show(STEPS); return; }
      const begin = performance.now();
      const next = (now) => {
        const steps = Math.min(STEPS, 1 + Math.floor((now - begin) / 25));
        this.status.setAttribute("aria-live", steps < STEPS ? "off" : "polite");
        show(steps);
        if (steps < STEPS) this.frame = requestAnimationFrame(next);
      };
      this.frame = requestAnimationFrame(next);
    }

    disconnectedCallback() {
      cancelAnimationFrame(this.frame);
    }

    inputs() {
      const running = Object.entries(this.racers).filter(([, { runs }]) => runs());
      return {
        surface: this.surface.value, start: this.start, steps: +this.steps.value,
        alphas: Object.fromEntries(running.map(([name, { alpha }]) => [name, 10 ** alpha.value])),
      };
    }

    paint({ paths, losses }, { surface, start }) {
      const { bounds: [x, y], contours, minimum } = window.adambook.surfaces[surface];
      const plane = this.panel({ ...PLANE, x, y });
      const width = plane.right - plane.left, height = plane.bottom - plane.top;
      const place = `translate(${plane.left} ${plane.top}) scale(${width / 1000} ${height / 1000})`;
      for (const d of contours) plane.add("path", { class: "contour", d, transform: place });
      plane.add("path", { class: "mark", d: `M${plane.x(minimum[0]) - 7},${plane.y(minimum[1])}h14m-7,-7v14` });
      const all = Object.values(losses).flat().filter((loss) => loss > 0 && loss < 1e6);
      const top = Math.ceil(Math.log10(Math.max(...all, 1e-3)));
      const chart = this.panel({ ...LOSSES, x: [0, STEPS], y: [Math.max(top - 8, -8), top] });
      chart.title("loss above the minimum, step by step (powers of ten)");
      chart.grid((k) => `1e${k}`, 3);
      for (const [name, path] of Object.entries(paths)) {
        const look = MovingFigure.look(name), end = path[path.length - 1];
        plane.path("", path, look);
        chart.line("", losses[name].map((loss) => Math.log10(Math.max(loss, 1e-12))), look);
        if (!away(end)) plane.add("circle", { class: "end", r: 4, cx: plane.x(end[0]), cy: plane.y(end[1]), ...look, "clip-path": this.picture.clip(plane) });
      }
      plane.add("circle", { class: "start", r: 7, cx: plane.x(start[0]), cy: plane.y(start[1]) });
      this.tell(start[0].toFixed(2), `start at x = ${start[0].toFixed(2)}, y = ${start[1].toFixed(2)}`);
    }

    sentence({ paths, losses }, { start, steps }) {
      const place = `from (${start.map((x) => x.toFixed(2)).join(", ")})`;
      const ends = Object.keys(paths).map((name) => [name, away(paths[name][paths[name].length - 1]) ? Infinity : losses[name][losses[name].length - 1]]);
      if (!ends.length) return "No optimizer is running: switch one on.";
      ends.sort((a, b) => a[1] - b[1]);
      const lost = ends.filter(([, loss]) => loss === Infinity).map(([name]) => name);
      const [first, loss] = ends[0];
      return (loss === Infinity ? `After ${steps} steps ${place} ` : `After ${steps} steps ${place}, ${first} is lowest, ${loss.toExponential(1)} above the minimum`)
        + (lost.length ? `${loss === Infinity ? "" : "; "}${lost.join(", ")} ran away.` : ".");
    }
  });
})();
