/* <limit-cycle>: Adam on a parabola, and the two points between which it may jump for ever. */
"use strict";

(() => {
  const STEPS = 600, RADIUS = 2;

  MovingFigure.define("limit-cycle", class extends MovingFigure {
    /* θ_0, θ_1, … on θ²/2 at ε = 0 and α = 1; the cycle's point, and its margin of stability. */
    static numbers({ beta1, beta2, start, steps }) {
      const adam = MovingFigure.rule("Adam", { alpha: 1, beta1, beta2, epsilon: 0 }), path = [start];
      for (let t = 1; t <= steps; t++) {
        const at = path[t - 1];
        path.push(at === 0 ? 0 : at + adam(t, at, at).delta);
      }
      const { cyclePoint, cycleMargin } = window.adambook;
      return { path, cycle: cyclePoint(beta1), margin: cycleMargin(beta1, beta2) };
    }

    build() {
      const row = this.row();
      this.beta1 = this.slider(row, "β₁", [0, 0.95, 0.01], 0.1, (x) => x.toFixed(2));
      this.beta2 = this.decaySlider(row, "β₂", 4, 1);
      this.start = 1.3;
      this.draws(392, "Adam on a parabola: the path, and its distance from the minimum");
      const set = (value) => {
        const limited = MovingFigure.within(value, -RADIUS, RADIUS);
        this.start = Math.abs(limited) < 0.01 ? 0.01 : limited;
        this.draw();
      };
      this.tell = this.picture.pad({
        top: 24, bottom: 196, low: -RADIUS, high: RADIUS, label: "where Adam starts: drag up or down",
        at: (_, y) => set(RADIUS * (1 - 2 * y)), step: (dx, dy) => set(this.start + (dx + dy) / 10),
      });
    }

    inputs() {
      return {
        beta1: +this.beta1.value, beta2: MovingFigure.decay(this.beta2.value),
        start: this.start, steps: STEPS,
      };
    }

    paint({ path, cycle }, { start }) {
      const shown = 80, look = MovingFigure.look("Adam");
      const near = this.panel({ top: 24, bottom: 196, x: [0, shown], y: [-RADIUS, RADIUS] });
      near.title(`the first ${shown} steps; dotted: the two points of the cycle`);
      near.grid((k) => `${k}α`, 4);
      for (const point of [cycle, -cycle]) near.level(point);
      near.line("", path.slice(0, shown + 1), look);
      near.add("circle", { class: "start", r: 7, cx: near.x(0), cy: near.y(start) });
      const far = this.panel({ top: 234, bottom: 376, x: [0, STEPS], y: [-6, 1] });
      far.title(`distance from the minimum in ${STEPS} steps (powers of ten, in α)`);
      far.grid((k) => `1e${k}`, 4);
      far.level(Math.log10(cycle));
      far.line("", path.map((at) => Math.log10(Math.max(Math.abs(at), 1e-12))), look);
      this.tell(start.toFixed(2), `start at ${start.toFixed(2)} α`);
    }

    sentence({ path, cycle, margin }) {
      const late = path.slice(-100).map(Math.abs);
      const words = margin > 0 ? "stable: small deviations vanish" : "not stable: small deviations grow";
      return `The cycle jumps between ±${cycle.toFixed(4)} α and is ${words}. `
        + `In the last 100 of ${STEPS} steps Adam was between ${Math.min(...late).toPrecision(2)} and ${Math.max(...late).toPrecision(2)} α away.`;
    }
  });
})();
