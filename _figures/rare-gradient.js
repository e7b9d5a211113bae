/* <rare-gradient>: one large gradient in n, against Adam's forgetting and AMSGrad's memory. */
"use strict";

(() => {
  const ROUNDS = 1200;
  const RULES = ["Adam", "AMSGrad"];
  const { within } = MovingFigure;

  MovingFigure.define("rare-gradient", class extends MovingFigure {
    /* θ on [-1, 1] under slopes n, -1, …, -1 in turn: the points θ_0, …, θ_T of each rule. */
    static numbers({ n, alpha, beta1, beta2, start, rounds }) {
      const decay = window.adambook.schedules.inverse_sqrt;
      const run = (name) => {
        const rule = MovingFigure.rule(name, { beta1, beta2, epsilon: 0 }), path = [start];
        for (let t = 1; t <= rounds; t++) {
          const slope = t % n === 1 ? n : -1;
          const { delta } = rule(t, slope, path[t - 1], { alpha: decay({ alpha, period: 1 }, t) });
          path.push(within(path[t - 1] + delta, -1, 1));
        }
        return path;
      };
      return Object.fromEntries(RULES.map((name) => [name, run(name)]));
    }

    build() {
      const row = this.row();
      this.n = this.slider(row, "one gradient in n", [3, 40, 1], 11);
      this.beta1 = this.slider(row, "β₁", [0, 0.9, 0.05], 0, (x) => String(+x.toFixed(2)));
      this.beta2 = this.decaySlider(row, "β₂", 4, 1);
      this.alpha = this.slider(row, "α", [-2, 0, 0.05], -0.7, (x) => (10 ** x).toPrecision(2));
      this.start = 0;
      this.draws(256, "Where Adam and AMSGrad go when one gradient is rare and large");
      const set = (value) => { this.start = within(value, -1, 1); this.draw(); };
      this.tell = this.picture.pad({
        top: 24, bottom: 240, label: "where both start: drag up or down",
        at: (_, y) => set(1 - 2 * y), step: (dx, dy) => set(this.start + (dx + dy) / 10),
      });
    }

    inputs() {
      return {
        n: +this.n.value, alpha: 10 ** this.alpha.value, beta1: +this.beta1.value,
        beta2: MovingFigure.decay(this.beta2.value), start: this.start, rounds: ROUNDS,
      };
    }

    paint(paths, { start }) {
      const panel = this.panel({ top: 24, bottom: 240, x: [0, ROUNDS], y: [-1, 1] });
      panel.title(`θ in ${ROUNDS} rounds; the best point is −1`);
      panel.grid(String, 4);
      for (const name of RULES) panel.line("", paths[name], MovingFigure.look(name));
      panel.add("circle", { class: "start", r: 7, cx: panel.x(0), cy: panel.y(start) });
      this.tell(start.toFixed(2), `both start at ${start.toFixed(2)}`);
    }

    sentence(paths, { n, beta2 }) {
      const end = (name) => paths[name][ROUNDS].toFixed(2).replace("-", "−");
      return `One gradient of ${n}, then ${n - 1} of −1: the best point is −1. After ${ROUNDS} rounds with `
        + `β₂ = ${+beta2.toPrecision(4)} Adam (solid) is at ${end("Adam")}, AMSGrad (dashed) at ${end("AMSGrad")}.`;
    }
  });
})();
