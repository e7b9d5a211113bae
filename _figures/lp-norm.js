/* <lp-norm>: the average of p-th powers becomes AdaMax's maximum as p grows. */
"use strict";

(() => {
  const N = 60;
  const SHAPES = {
    "uneven": (i) => Math.abs(0.45 * Math.sin(5 * i) + 0.35 * Math.sin(11 * i + 1)),
    "one spike": (i) => (i === 9 ? 1 : 0.1),
    "constant": () => 0.6,
    "growing": (i) => (10 / 9) ** (i - N + 1),
  };

  MovingFigure.define("lp-norm", class extends MovingFigure {
    /* v^{1/p} is the root of an average of squares, Adam's v, taken of |g|^{p/2} and with β₂^p.
       The larger of old norm and new gradient is taken out first, so nothing leaves the range. */
    static numbers({ gradients, beta2, p }) {
      const adamax = MovingFigure.rule("AdaMax", { beta2, epsilon: 0 });
      const { Adam } = window.adambook.rules, settings = { ...window.adambook.defaults.Adam, beta2: beta2 ** p };
      let norm = 0;
      const norms = gradients.map((g, i) => {
        const largest = Math.max(norm, Math.abs(g));
        if (largest === 0) return 0;
        const { v } = Adam(settings, i + 1, (Math.abs(g) / largest) ** (p / 2), 0, 0, (norm / largest) ** p);
        norm = largest * v ** (1 / p);
        return norm;
      });
      return { norms, limit: gradients.map((g, i) => adamax(i + 1, g).u) };
    }

    build() {
      const row = this.row();
      this.p = this.slider(row, "p", [0, 9, 0.05], 1, (x) => String(+(2 ** x).toPrecision(3)));
      this.beta2 = this.decaySlider(row, "β₂", 3, 1.3);
      this.strip = new MovingStrip(this, {
        count: N, top: 244, bottom: 320, low: 0, label: "sizes |g| of the gradients: draw them here",
        name: "size", shapes: SHAPES, first: "uneven",
      });
      this.draws(326, "The average of p-th powers below its limit, the discounted maximum");
    }

    inputs() {
      return { gradients: this.strip.values, beta2: MovingFigure.decay(this.beta2.value), p: 2 ** this.p.value };
    }

    paint({ norms, limit }, { gradients }) {
      const panel = this.panel({ top: 22, bottom: 212, x: [-0.5, N - 0.5], y: [0, 1.05] });
      panel.title("the average of p-th powers (solid), AdaMax's u (dashed)");
      panel.grid(String, 5);
      panel.line("faint", gradients);
      panel.line("", norms, { style: MovingFigure.look("Adam").style });
      panel.line("", limit, MovingFigure.look("AdaMax"));
    }

    sentence({ norms, limit }, { p }) {
      const apart = Math.max(...norms.map((norm, i) => Math.abs(norm - limit[i])));
      return `At p = ${+p.toPrecision(3)} the two are at most ${apart.toFixed(3)} apart; `
        + `at the last step they are ${norms[N - 1].toFixed(3)} and ${limit[N - 1].toFixed(3)}.`;
    }
  });
})();
