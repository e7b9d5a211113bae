/* <schedule-designer>: a schedule that the reader draws, and what Adam does with it under noise. */
"use strict";

(() => {
  const EPOCHS = 60, STEPS_AN_EPOCH = 5;
  const NOISE = Array.from({ length: EPOCHS * STEPS_AN_EPOCH }, (_, i) =>
    1.2 * Math.sin(12.9898 * (i + 1) ** 2) + 0.8 * Math.sin(78.233 * i ** 2 + 1));
  const one = { alpha: 1 }, schedules = () => window.adambook.schedules;
  const KINDS = {
    constant: (t) => schedules().constant(one, t),
    "1/√t": (t) => schedules().inverse_sqrt({ ...one, period: 1 }, t),
    cosine: (t) => schedules().cosine({ ...one, steps: EPOCHS, final: 0 }, t),
    staircase: (t) => schedules().step_decay({ ...one, factor: 0.3, period: 15 }, t),
    "one cycle": (t) => schedules().one_cycle({ ...one, steps: EPOCHS, rise: 0.3, first: 0.04, last: 0 }, t),
  };

  MovingFigure.define("schedule-designer", class extends MovingFigure {
    /* Distances from the minimum of θ²/2 with noisy gradients, by the schedule and by a constant α. */
    static numbers({ factors, alpha, sigma, start, noise }) {
      const run = (factor) => {
        const adam = MovingFigure.rule("Adam", { epsilon: 1e-8 }), path = [start];
        noise.forEach((xi, i) => {
          const at = path[i], epoch = Math.floor((i * factors.length) / noise.length);
          path.push(at + adam(i + 1, at + sigma * xi, at, { alpha: alpha * factor(epoch) }).delta);
        });
        return path;
      };
      return { path: run((epoch) => factors[epoch]), plain: run(() => 1) };
    }

    build() {
      const row = this.row();
      this.alpha = this.slider(row, "α", [-2, 0.3, 0.05], -0.5, (x) => (10 ** x).toPrecision(2));
      this.sigma = this.slider(row, "noise σ", [0, 3, 0.1], 1, (x) => x.toFixed(1));
      this.warmup = this.slider(row, "warm-up epochs", [0, 30, 1], 0);
      const warm = (kind) => (i) => {
        const steps = +this.warmup.value, value = KINDS[kind](i + 1);
        return steps ? schedules().warmup({ alpha: value, steps }, i + 1) : value;
      };
      const shapes = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, warm(kind)]));
      this.strip = new MovingStrip(this, {
        count: EPOCHS, top: 226, bottom: 316, low: 0, name: "epoch", shapes, first: "cosine",
        label: "step size of each epoch, as a share of α: draw it here",
      });
      this.warmup.addEventListener("input", () => {
        this.strip.values = this.strip.values.map((_, i) => this.strip.shape(i));
        this.draw();
      });
      this.draws(322, "Distance from the minimum above the schedule that leads there");
    }

    inputs() {
      return {
        factors: this.strip.values, alpha: 10 ** this.alpha.value, sigma: +this.sigma.value,
        start: 5, noise: NOISE,
      };
    }

    paint({ path, plain }) {
      const panel = this.panel({ top: 24, bottom: 190, x: [0, NOISE.length], y: [-3, 1] });
      panel.title("distance from the minimum (powers of ten); thin: a constant α");
      panel.grid((k) => `1e${k}`, 4);
      const logs = (values) => values.map((at) => Math.log10(Math.max(Math.abs(at), 1e-12)));
      panel.line("faint", logs(plain));
      panel.line("", logs(path), MovingFigure.look("Adam"));
    }

    sentence({ path, plain }, { alpha }) {
      const late = (values) => {
        const last = values.slice(-10 * STEPS_AN_EPOCH);
        return Math.sqrt(last.reduce((sum, at) => sum + at * at, 0) / last.length).toPrecision(2);
      };
      return `Root mean square distance over the last ten of ${EPOCHS} epochs: ${late(path)} by this schedule, `
        + `${late(plain)} with α = ${alpha.toPrecision(2)} throughout.`;
    }
  });
})();
