"""Section 5: what Adam shares with SFO, natural gradient, RMSProp and AdaGrad."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from adambook.ledger.claim import Measured, Verdict, claim, decide
from adambook.ledger.fisher import second_moments_on_digits
from adambook.ledger.runs_on_digits import usable_step_size
from adambook.ledger.sequences import follow, gaussian
from adambook.ledger.sfo_cost import bytes_held
from adambook.ledger.vae_grid import grid, usable_points
from adambook.rules import AdaGrad, Adam, AdamUncorrected, RMSProp, RMSPropMomentum
from adambook.rules.rule import Rule
from adambook.schedules import inverse_sqrt
from adambook.theory import Moments, corrected_moments, uncorrected_peak, uncorrected_step

PAGE = "2_adam/04_update_rule"


@claim("C51", "section 5", "measurement", "3_experiments/13_the_ledger")
def sfo_memory_grows_with_the_minibatches(memory: Callable[[int], float] = bytes_held) -> Verdict:
    """SFO keeps something for every minibatch: its memory is linear in their number.

    Passes if the bytes that SFO holds for 100,000 parameters grow linearly with the number of
    subfunctions from 4 to 32 (log-log slope 1 ± 0.1).
    """
    counts = np.array([4, 8, 16, 32])
    held = [memory(int(n)) for n in counts]
    slope = float(np.polyfit(np.log(counts), np.log(held), 1)[0])
    return decide(
        abs(slope - 1) <= 0.1,
        Measured("slope of memory in the number of subfunctions", slope),
        Measured("megabytes at 32 subfunctions of 100,000 parameters", held[-1] / 1e6),
        yes="each subfunction keeps an approximation of its own",
        no="the memory does not grow linearly",
    )


@claim("C52", "section 5", "measurement", "3_experiments/13_the_ledger")
def second_moment_is_the_fisher_diagonal(
    measure: Callable[[], dict[str, dict[str, float]]] = second_moments_on_digits,
) -> Verdict:
    """v̂ approximates the diagonal of the Fisher information.

    Passes if on the digits, at the start, midway and at the end of training, the rank correlation
    of v̂ with the true Fisher diagonal is above 0.8 and its scale within a factor 2, for batches
    of 1 and of 128. Counts as partly true if only the ranks agree.
    """
    found = measure()
    ranks = min(row["rank correlation"] for row in found.values())
    scales = [row["scale"] for row in found.values()]
    evidence = tuple(
        Measured(f"{name}: {what}", value, 1)
        for name, row in found.items()
        for what, value in row.items()
    )
    if ranks <= 0.8:
        return Verdict("FALSE", "the order of the coordinates is not the Fisher's", evidence)
    if all(0.5 <= scale <= 2 for scale in scales):
        return Verdict("TRUE", "order and scale agree", evidence)
    return Verdict(
        "PARTLY",
        "v̂ averages squares of batch gradients: about Fisher/batch plus the squared mean "
        "(one run of one convex problem)",
        evidence,
        part="the order of the coordinates; the scale depends on the batch",
    )


@claim("C53", "section 5", "theorem", PAGE)
def rmsprop_with_momentum_averages_rescaled_gradients(
    rule: type[Rule] = RMSPropMomentum,
) -> Verdict:
    """RMSProp with momentum averages rescaled gradients; Adam rescales an average of gradients.

    Passes if both move alike where v does not change (to 0.001 α), and differ by more than 5 % five
    steps after a spike, where RMSProp goes on by the sum of old quotients, to 1e-10.
    """
    g = np.ones((8100, 1))
    g[8000] = 100.0  # so late that no correction matters any more
    momentum = rule(1 - 0.9, 0.999, 0.0, 0.9)  # type: ignore[call-arg]
    ours, theirs = (-np.diff(follow(r, g)[:, 0]) for r in (Adam(1.0, epsilon=0.0), momentum))
    root = np.sqrt(corrected_moments(g, 0.9, 0.999).v_hat[:, 0] * (1 - 0.999 ** np.arange(1, 8101)))
    age = np.arange(8050, -1, -1.0)
    sums = float(np.sum(0.1 * 0.9**age * g[:8051, 0] / root[:8051]))
    before = abs(ours[7999] - theirs[7999])
    closed = abs(theirs[8050] / sums - 1)
    return decide(
        before <= 1e-3 and closed <= 1e-10 and abs(ours[8005] / theirs[8005] - 1) > 0.05,
        Measured("difference of the steps while v is constant, in α", before),
        Measured("relative error of RMSProp as a sum of quotients", closed),
        Measured("Adam's step 5 steps after a gradient of 100, in α", float(ours[8005])),
        Measured("RMSProp's step with momentum there, in α", float(theirs[8005])),
        yes="the same while v is constant, different as soon as it changes",
        no="the two do not differ in this way",
    )


@claim("C54", "section 5", "measurement", "2_adam/06_bias_correction")
def uncorrected_long_memory_diverges(rule: type[Adam] = AdamUncorrected) -> Verdict:
    """With β2 near 1, leaving the correction out makes steps very long and training often diverge.

    Passes if on the digits the largest usable α (cost below that of guessing after one epoch, 3
    seeds) shrinks without correction for β1 = 0.9 and β2 = 0.99, 0.999 and 0.9999, by the peak of
    (1 - β1^t)/√(1 - β2^t) within a factor 3.
    """
    alphas = tuple(float(a) for a in np.logspace(-3, 2, 21))
    evidence, fits = [], []
    for beta2 in (0.99, 0.999, 0.9999):
        peak = uncorrected_peak(0.9, beta2).value
        top = [
            usable_step_size(partial(form, beta1=0.9, beta2=beta2), alphas, seeds=range(3))
            for form in (Adam, rule)
        ]
        ratio = top[0] / top[1]
        fits.append(ratio > 1 and peak / 3 <= ratio <= 3 * peak)
        evidence.append(Measured(f"usable α, corrected over not, β2 = {beta2}", ratio, 3))
        evidence.append(Measured(f"predicted from the first steps, β2 = {beta2}", peak))
    chart = usable_points(grid(10))
    evidence += [Measured(f"the paper's chart: usable points, {n}", k, 1) for n, k in chart.items()]
    return decide(
        all(fits),
        *evidence,
        yes="the usable step sizes shrink by the factor that the first steps predict",
        no="the usable step sizes do not shrink as the first steps predict",
    )


@claim("C55", "section 5", "theorem", PAGE)
def longest_memory_gives_the_plain_mean(
    moments: Callable[..., Moments] = corrected_moments,
) -> Verdict:
    """As β2 goes to 1, v̂_t goes to the plain mean of the squared gradients so far.

    Passes if over 200 steps the largest relative difference is proportional to 1 - β2
    (log-log slope 1 ± 0.01 from 1e-3 to 1e-7).
    """
    g = gaussian((200,), seed=55)
    mean = np.cumsum(g**2) / np.arange(1, 201)
    gaps = 10.0 ** -np.arange(3, 8)
    errors = [float(np.abs(moments(g, 0.9, 1 - gap).v_hat / mean - 1).max()) for gap in gaps]
    slope = float(np.polyfit(np.log(gaps), np.log(errors), 1)[0])
    return decide(
        abs(slope - 1) <= 0.01,
        Measured("slope of the difference in 1 - β2", slope, 1),
        Measured("largest relative difference at β2 = 0.999", errors[0], 1),
        Measured("at 1 - β2 = 1e-7", errors[-1], 1),
        yes="the difference vanishes in proportion to 1 - β2",
        no="v̂ does not go to the mean of squares",
    )


@claim("C56", "section 5", "theorem", PAGE)
def adagrad_is_a_limit_of_adam(rule: type[Rule] = AdaGrad) -> Verdict:
    """AdaGrad is Adam with β1 = 0, β2 next to 1 and a step size that falls like 1/√t.

    Passes if over 200 steps the paths differ in proportion to 1 - β2 (slope 1 ± 0.01). (The
    paper's sums print g_t for g_i.)
    """
    g, alpha = gaussian((200, 5), seed=56), 0.1
    target = follow(rule(alpha, epsilon=0.0), g)  # type: ignore[call-arg]
    gaps = 10.0 ** -np.arange(3, 8)
    errors = [
        float(np.abs(follow(Adam(inverse_sqrt(alpha), 0.0, 1 - gap, 0.0), g) - target).max())
        for gap in gaps
    ]
    slope = float(np.polyfit(np.log(gaps), np.log(errors), 1)[0])
    away = float(np.abs(follow(Adam(inverse_sqrt(alpha), 0.9, 1 - 1e-7, 0.0), g) - target).max())
    return decide(
        abs(slope - 1) <= 0.01,
        Measured("slope of the difference of the paths in 1 - β2", slope, 1),
        Measured("largest difference at 1 - β2 = 1e-7, in α", errors[-1] / alpha, 1),
        Measured("the same with the paper's β1 = 0.9, in α", away / alpha, 1),
        yes="the limit is exact; at the paper's β1 = 0.9 it does not apply",
        no="the limit of Adam is another algorithm",
    )


@claim("C57", "section 5", "theorem", PAGE)
def limit_needs_the_correction(factor: Callable[..., float] = uncorrected_step) -> Verdict:
    """Without bias correction the limit fails: near β2 = 1 the first steps grow without limit.

    Passes if the first uncorrected step with β1 = 0 is 1/√(1 - β2) times AdaGrad's for 1 - β2
    from 1e-2 to 1e-10, to 1e-6, and in the end more than 10,000 times it.
    """
    g, errors, ratios = np.array([[0.7]]), [], []
    adagrad = follow(AdaGrad(1.0, epsilon=0.0), g)[-1, 0]
    for gap in 10.0 ** -np.arange(2.0, 11.0):
        ratio = float(follow(RMSProp(1.0, 1 - gap, epsilon=0.0), g)[-1, 0] / adagrad)
        ratios.append(ratio)
        errors.append(abs(ratio / factor(0.0, 1 - gap, 1) - 1))
    return decide(
        max(errors) <= 1e-6 and ratios[-1] > 1e4,
        Measured("largest relative error of 1/√(1 - β2)", max(errors)),
        Measured("first step over AdaGrad's at 1 - β2 = 1e-2", ratios[0]),
        Measured("first step over AdaGrad's at 1 - β2 = 1e-10", ratios[-1]),
        yes="it grows like 1/√(1 - β2)",
        no="the first step does not grow like that",
    )
