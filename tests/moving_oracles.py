"""What each moving figure must show, computed by the package from the figure's own inputs."""

import moving_figures
import numpy as np

from adambook import Adam, AdaMax, minimize, rules, schedules, theory
from adambook.problems.online import LinearSequence, play
from adambook.theory import averages


def _along(rule, gradients):
    """The steps, and the state after each, of a rule fed with given gradients from θ = 0."""
    theta = np.zeros(())
    state, deltas, states = rule.init(theta), [], []
    for g in gradients:
        delta, state = rule.update(np.float64(g), state, theta)
        deltas.append(float(delta))
        states.append(state)
    return np.array(deltas), states


def average_weights(values, beta, t):
    return {
        "averages": averages.moving_average(values, beta, corrected=False),
        "corrected": averages.moving_average(values, beta, corrected=True),
        "weights": averages.average_weights(beta, t),
        "missing": 1 - averages.average_weights(beta, t).sum(),
    }


def step_bound(gradients, beta1, beta2, quiet):
    rule = Adam(alpha=1.0, beta1=beta1, beta2=beta2, epsilon=1e-300)  # 0/0 becomes 0
    sizes = theory.step_sizes(rule, np.concatenate([np.zeros(quiet), gradients]))
    bounds = theory.step_bounds(beta1, beta2, quiet + len(gradients))
    return {"sizes": sizes[quiet:], "bounds": bounds[quiet:]}


def update_rule(gradients, beta1, beta2, epsilon):
    deltas, states = _along(Adam(1.0, beta1, beta2, epsilon), gradients)
    hats = theory.corrected_moments(gradients, beta1, beta2)
    return {
        "m": [state.m for state in states],
        "mHat": hats.m_hat,
        "scale": [np.sqrt(state.v) for state in states],
        "scaleHat": np.sqrt(hats.v_hat),
        "deltas": deltas,
    }


def bias_correction(gradients, beta1, beta2):
    deltas, _ = _along(Adam(1.0, beta1, beta2, 1e-300), gradients)
    without, _ = _along(rules.AdamUncorrected(1.0, beta1, beta2, 1e-300), gradients)
    return {
        "withIt": deltas,
        "without": without,
        "pathWith": np.cumsum(deltas),
        "pathWithout": np.cumsum(without),
    }


def lp_norm(gradients, beta2, p):
    _, states = _along(AdaMax(beta2=beta2, epsilon=0.0), gradients)
    seen = [gradients[: t + 1] for t in range(len(gradients))]
    return {
        "norms": [theory.discounted_norm(g, beta2, p) for g in seen],
        "limit": [state.u for state in states],
    }


def optimizer_race(surface, start, steps, alphas):
    problem = moving_figures.SURFACES[surface]
    paths = {
        name: minimize(
            getattr(rules, name)(alpha=alpha), problem.gradient, np.array(start, np.float64), steps
        )
        for name, alpha in alphas.items()
    }
    best = problem.value(problem.minimum)
    return {
        "paths": paths,
        "losses": {name: problem.value(path) - best for name, path in paths.items()},
    }


def rare_gradient(n, alpha, beta1, beta2, start, rounds):
    sequence, decay = LinearSequence(C=float(n), period=n), schedules.inverse_sqrt(alpha)
    return {
        kind.__name__: play(
            kind(decay, beta1, beta2, 0.0), sequence.gradients(), start, rounds, sequence.interval
        )
        for kind in (Adam, rules.AMSGrad)
    }


def limit_cycle(beta1, beta2, start, steps):
    rule = Adam(1.0, beta1, beta2, 1e-300)
    return {
        "path": minimize(rule, lambda theta: theta, np.float64(start), steps),
        "cycle": theory.two_cycle(1.0, beta1),
        "margin": theory.cycle_margin(beta1, beta2),
    }


def schedule_designer(factors, alpha, sigma, start, noise):
    gradients = [lambda theta, xi=xi: theta + sigma * xi for xi in noise]

    def run(share):
        rule = Adam(lambda t: alpha * share((t - 1) * len(factors) // len(noise)))
        return minimize(rule, gradients, np.float64(start), len(noise))

    return {"path": run(lambda epoch: factors[epoch]), "plain": run(lambda epoch: 1)}


ORACLES = {
    "average-weights": average_weights,
    "optimizer-race": optimizer_race,
    "update-rule": update_rule,
    "step-bound": step_bound,
    "bias-correction": bias_correction,
    "lp-norm": lp_norm,
    "rare-gradient": rare_gradient,
    "limit-cycle": limit_cycle,
    "schedule-designer": schedule_designer,
}


def settled(name, inputs, wanted):
    """For each optimizer of the race, how many steps rounding does not decide.

    RMSProp's last steps jump about the minimum, and a start 1e-15 away leads elsewhere in the end.
    """
    if name != "optimizer-race":
        return {}
    first, *others = inputs["start"]
    moved = ORACLES[name](**inputs | {"start": [first + 1e-15, *others]})["paths"]
    apart = {k: np.abs(moved[k] - path).max(axis=1) > 1e-13 for k, path in wanted["paths"].items()}
    return {k: int(far.argmax()) if far.any() else len(far) for k, far in apart.items()}


def disagreements(name, inputs, numbers):
    """The names of a figure's numbers that differ from the package's by more than 1e-12."""
    wanted, found = ORACLES[name](**inputs), []
    steps = settled(name, inputs, wanted)

    def compare(path, ours, theirs):
        if isinstance(ours, dict):
            for key in ours.keys() | theirs.keys():
                compare(f"{path}.{key}", ours[key], theirs[key])
            return
        ours, theirs = np.atleast_1d(ours), np.atleast_1d(theirs)
        end = steps.get(path.rpartition(".")[2])
        same = ours.shape == theirs.shape
        if not (same and np.allclose(theirs[:end], ours[:end], rtol=1e-12, atol=1e-12)):
            found.append(path)

    compare(name, wanted, numbers)
    return sorted(found)
