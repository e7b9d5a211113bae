/* <update-rule>: mean, scale and step of Adam over gradients that the reader draws. */
"use strict";

(() => {
  const N = 60;
  const uneven = (i) => 0.35 * Math.sin(5 * i) + 0.25 * Math.sin(11 * i + 1);
  const SHAPES = {
    "mean and noise": (i) => 0.3 + uneven(i),
    "noise alone": uneven,
    "constant": () => 0.5,
    "a turn": (i) => (i < N / 2 ? 0.5 : -0.5),
    "to and fro": (i) => (i % 2 ? -0.6 : 0.6),
    "quiet, then loud": (i) => (i < N / 2 ? 0.05 : 0.9),
  };

  MovingFigure.define("update-rule", class extends MovingFigure {
    /* m and v as the rule keeps them, both corrected, and the step in multiples of α. */
    static numbers({ gradients, beta1, beta2, epsilon }) {
      const adam = MovingFigure.rule("Adam", { alpha: 1, beta1, beta2, epsilon });
      const steps = gradients.map((g, i) => adam(i + 1, g));
      const share = window.adambook.correction;
      return {
        m: steps.map(({ m }) => m),
        mHat: steps.map(({ m }, i) => m / share(beta1, i + 1)),
        scale: steps.map(({ v }) => Math.sqrt(v)),
        scaleHat: steps.map(({ v }, i) => Math.sqrt(v / share(beta2, i + 1))),
        deltas: steps.map(({ delta }) => (Number.isNaN(delta) ? 0 : delta)), // 0/0: no gradient yet
      };
    }

    build() {
      const row = this.row();
      this.beta1 = this.decaySlider(row, "β₁", 2, 1);
      this.beta2 = this.decaySlider(row, "β₂", 4, 3);
      this.epsilon = this.slider(row, "ε", [-8, 0, 0.1], -8, (x) => (10 ** x).toPrecision(2));
      this.strip = new MovingStrip(this, {
        count: N, top: 404, bottom: 484, label: "gradients g: draw them here", name: "gradient",
        shapes: SHAPES, first: "mean and noise",
      });
      this.draws(490, "Mean, scale and step of Adam above the gradients that cause them");
    }

    inputs() {
      return {
        gradients: this.strip.values, beta1: MovingFigure.decay(this.beta1.value),
        beta2: MovingFigure.decay(this.beta2.value), epsilon: 10 ** this.epsilon.value,
      };
    }

    paint({ m, mHat, scale, scaleHat, deltas }) {
      const { style } = MovingFigure.look("Adam"), at = this.strip.cursor;
      const largest = 1.1 * Math.max(1, ...deltas.map(Math.abs));
      const row = (top, bottom, y, title, hat, raw, show = String) => {
        const panel = this.panel({ top, bottom, x: [-0.5, N - 0.5], y });
        panel.title(title);
        panel.grid(show, 4);
        if (raw) panel.line("dashed", raw, { style });
        panel.line("", hat, { style });
        panel.add("line", { class: "alpha", x1: panel.x(at), x2: panel.x(at), y1: top, y2: bottom });
      };
      row(20, 116, [-1, 1], "the mean: m (dashed) and m̂", mHat, m);
      row(148, 244, [0, 1], "the scale: √v (dashed) and √v̂", scaleHat, scale);
      row(276, 372, [-largest, largest], "the step Δ", deltas, null, (k) => `${k}α`);
    }

    sentence({ mHat, scaleHat, deltas }, { gradients }) {
      const at = this.strip.cursor, show = (x) => x.toFixed(2).replace("-", "−");
      return `Step ${at + 1}: the gradient is ${show(gradients[at])}, the mean m̂ ${show(mHat[at])}, `
        + `the scale √v̂ ${show(scaleHat[at])}; the step is ${show(deltas[at])} α.`;
    }
  });
})();
