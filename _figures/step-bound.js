/* <step-bound>: Adam's step above gradients that the reader draws, under the exact bound. */
"use strict";

(() => {
  const N = 60; // gradients shown
  const SHAPES = {
    "one spike": (i) => (i === N - 1 ? 1 : 0),
    "ten in a row": (i) => (i >= N - 10 ? 1 : 0),
    "growing by 11 %": (i) => (10 / 9) ** (i - N + 1),
    "constant": () => 1,
    "to and fro": (i) => (i % 2 ? -1 : 1),
  };

  MovingFigure.define("step-bound", class extends MovingFigure {
    /* |Δ_t|/α at ε = 0 and S_t for each gradient, after `quiet` steps with gradient zero. */
    static numbers({ gradients, beta1, beta2, quiet }) {
      const adam = MovingFigure.rule("Adam", { alpha: 1, beta1, beta2, epsilon: 0 });
      const sizes = gradients.map((g, i) => {
        const { delta, v } = adam(quiet + i + 1, g);
        return v > 0 ? Math.abs(delta) : 0;
      });
      const bounds = gradients.map((_, i) =>
        Math.sqrt(window.adambook.stepBoundSquared(beta1, beta2, quiet + i + 1)));
      return { sizes, bounds };
    }

    build() {
      const row = this.row();
      this.beta1 = this.decaySlider(row, "β₁", 2, 1);
      this.beta2 = this.decaySlider(row, "β₂", 4, 3);
      this.quiet = this.slider(row, "quiet steps before", [0, 4, 0.01], 4, (x) => String(Math.round(10 ** x) - 1));
      this.strip = new MovingStrip(this, {
        count: N, top: 228, bottom: 316, label: "gradients: draw them here", name: "gradient",
        shapes: SHAPES, first: "ten in a row",
      });
      this.draws(322, "Steps of Adam above the gradients that cause them");
    }

    inputs() {
      return {
        gradients: this.strip.values, beta1: MovingFigure.decay(this.beta1.value),
        beta2: MovingFigure.decay(this.beta2.value), quiet: Math.round(10 ** this.quiet.value) - 1,
      };
    }

    paint({ sizes, bounds }) {
      const top = 1.1 * Math.max(1.5, ...sizes, ...bounds.filter((s) => s < 40));
      const panel = this.panel({ top: 20, bottom: 196, x: [-0.5, N - 0.5], y: [0, top] });
      panel.grid((k) => `${k}α`, 6);
      panel.level(1);
      panel.line("bound", bounds);
      panel.line("", sizes, MovingFigure.look("Adam"));
      panel.text(panel.left + 6, Math.max(14, panel.y(bounds[0]) - 6), "the exact bound on |Δ|");
    }

    sentence({ sizes, bounds }, { quiet }) {
      const largest = Math.max(...sizes), where = quiet + sizes.indexOf(largest) + 1;
      const last = quiet + N, end = bounds[N - 1];
      return `Largest step: ${largest.toFixed(2)} α, at step ${where}. `
        + (end < 1e4
          ? `No gradients at all can make step ${last} longer than ${end.toFixed(2)} α.`
          : `Other gradients could make step ${last} longer than 10,000 α.`);
    }
  });
})();
