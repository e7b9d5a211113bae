/* <bias-correction>: the first steps of Adam with its correction and without. */
"use strict";

(() => {
  const N = 60;
  const uneven = (i) => 0.35 * Math.sin(5 * i) + 0.25 * Math.sin(11 * i + 1);
  const SHAPES = {
    "constant": () => 0.7,
    "mean and noise": (i) => 0.3 + uneven(i),
    "noise alone": uneven,
    "growing": (i) => (10 / 9) ** (i - N + 1),
    "quiet, then loud": (i) => (i < N / 2 ? 0.02 : 0.9),
  };

  MovingFigure.define("bias-correction", class extends MovingFigure {
    /* Δ_t/α at ε = 0, and the sums of it, with correction and without. */
    static numbers({ gradients, beta1, beta2 }) {
      const steps = (name) => {
        const rule = MovingFigure.rule(name, { alpha: 1, beta1, beta2, epsilon: 0 });
        return gradients.map((g, i) => {
          const { delta, v } = rule(i + 1, g);
          return v > 0 ? delta : 0;
        });
      };
      const withIt = steps("Adam"), without = steps("AdamUncorrected");
      const travel = (deltas) => { let at = 0; return deltas.map((delta) => (at += delta)); };
      return { withIt, without, pathWith: travel(withIt), pathWithout: travel(without) };
    }

    build() {
      const row = this.row();
      this.beta1 = this.decaySlider(row, "β₁", 2, 1);
      this.beta2 = this.decaySlider(row, "β₂", 4, 3);
      this.on = this.toggle(row, "bias correction", false);
      this.strip = new MovingStrip(this, {
        count: N, top: 326, bottom: 404, label: "gradients: draw them here", name: "gradient",
        shapes: SHAPES, first: "constant",
      });
      this.draws(410, "Steps and path of Adam with and without bias correction");
    }

    inputs() {
      return {
        gradients: this.strip.values,
        beta1: MovingFigure.decay(this.beta1.value), beta2: MovingFigure.decay(this.beta2.value),
      };
    }

    paint({ withIt, without, pathWith, pathWithout }) {
      const { style } = MovingFigure.look("Adam"), on = this.on();
      const both = (panel, corrected, bare) => {
        panel.line(on ? "dashed faint" : "dashed", bare, on ? {} : { style });
        panel.line(on ? "" : "faint", corrected, on ? { style } : {});
      };
      const sizes = withIt.map(Math.abs), bareSizes = without.map(Math.abs);
      const top = 1.1 * Math.max(1.5, ...sizes, ...bareSizes);
      const upper = this.panel({ top: 20, bottom: 146, x: [-0.5, N - 0.5], y: [0, top] });
      upper.title("size of the step: corrected (solid), not corrected (dashed)");
      upper.grid((k) => `${k}α`, 4);
      both(upper, sizes, bareSizes);
      const ends = [0, ...pathWith, ...pathWithout], low = Math.min(...ends), high = Math.max(...ends);
      const room = 0.05 * (high - low || 1);
      const lower = this.panel({ top: 178, bottom: 294, x: [-0.5, N - 0.5], y: [low - room, high + room] });
      lower.title("where θ has come to, from 0");
      lower.grid((k) => `${k}α`, 4);
      both(lower, pathWith, pathWithout);
    }

    sentence({ withIt, without, pathWith, pathWithout }) {
      const largest = (deltas) => {
        const sizes = deltas.map(Math.abs), size = Math.max(...sizes);
        return `${size.toFixed(2)} α at step ${sizes.indexOf(size) + 1}`;
      };
      const words = this.on() ? ["With", withIt, pathWith] : ["Without", without, pathWithout];
      return `${words[0]} bias correction the largest step is ${largest(words[1])}, and after ${N} steps θ has moved by ${Math.abs(words[2][N - 1]).toFixed(1)} α.`;
    }
  });
})();
