/* <average-weights>: what an average that forgets is made of, and the zero that it starts from. */
"use strict";

(() => {
  const N = 60;
  const uneven = (i) => 0.25 * Math.sin(5 * i) + 0.15 * Math.sin(11 * i + 1);
  const SHAPES = {
    "level, with noise": (i) => 0.55 + uneven(i),
    "constant": () => 0.7,
    "rising": (i) => (i + 1) / N,
    "a jump": (i) => (i < N / 2 ? 0.25 : 0.85),
    "one spike": (i) => (i === 9 ? 1 : 0),
  };

  MovingFigure.define("average-weights", class extends MovingFigure {
    /* The average is the m of the rule Adam; its weights are what the rule makes of one spike. */
    static numbers({ values, beta, t }) {
      const average = MovingFigure.rule("Adam", { beta1: beta });
      const spike = MovingFigure.rule("Adam", { beta1: beta });
      const averages = values.map((x, i) => average(i + 1, x).m);
      const byAge = values.map((_, i) => spike(i + 1, i === 0 ? 1 : 0).m);
      const share = window.adambook.correction;
      return {
        averages,
        corrected: averages.map((a, i) => a / share(beta, i + 1)),
        weights: byAge.slice(0, t).reverse(),
        missing: 1 - share(beta, t),
      };
    }

    build() {
      const row = this.row();
      this.beta = this.decaySlider(row, "β", 2, 1.2);
      this.t = this.slider(row, "looking back from step t", [1, N, 1], 12);
      this.strip = new MovingStrip(this, {
        count: N, top: 322, bottom: 392, low: 0, label: "values: draw them here", name: "value",
        shapes: SHAPES, first: "level, with noise",
      });
      this.draws(398, "Weights of a moving average, and the average with and without its correction");
    }

    inputs() {
      return { values: this.strip.values, beta: MovingFigure.decay(this.beta.value), t: +this.t.value };
    }

    paint({ averages, corrected, weights, missing }, { values, t }) {
      const most = 1.1 * Math.max(...weights, missing);
      const top = this.panel({ top: 20, bottom: 120, x: [-0.5 - N / 20, N - 0.5], y: [0, most] });
      top.title("weights at step t; outlined: of the start a₀ = 0");
      top.grid((k) => String(k), 3);
      const width = top.x(1) - top.x(0) - 2;
      const bar = (i, weight, name) => top.add("rect", {
        class: name, x: top.x(i) - width / 2, width, y: top.y(weight), height: top.y(0) - top.y(weight),
      });
      bar(-2, missing, "bar missing");
      weights.forEach((weight, i) => bar(i, weight, "bar"));

      const middle = this.panel({ top: 160, bottom: 290, x: [-0.5, N - 0.5], y: [0, 1.05] });
      middle.title("the average: as defined (dashed), corrected (solid)");
      middle.grid(String, 4);
      middle.line("faint", values);
      middle.line("dashed", averages, { style: MovingFigure.look("Adam").style });
      middle.line("", corrected, MovingFigure.look("Adam"));
      middle.add("line", { class: "alpha", x1: middle.x(t - 1), x2: middle.x(t - 1), y1: 160, y2: 290 });
    }

    sentence({ averages, corrected, missing }, { beta, t }) {
      const percent = (100 * missing).toFixed(missing > 0.1 ? 0 : 2);
      return `With β = ${+beta.toPrecision(4)}, ${percent} % of the weight at step ${t} lies on the start a₀ = 0. `
        + `The average is ${averages[t - 1].toFixed(3)}; divided by the weight on the values it is ${corrected[t - 1].toFixed(3)}.`;
    }
  });
})();
