"""The classic mistakes in Adam, AdaMax and AMSGrad."""

from __future__ import annotations

from adambook.course.slips import Slip, fixed, other_hyperparameters, other_step


def _moments(
    message: str, *edits: tuple[str, str], scalars: object = None, topic: str = "moments"
) -> Slip:
    return Slip(topic, message, edits, scalars, state_alone=True)  # type: ignore[arg-type]


SQUARED_MEAN = _moments(
    "v averages g and squares the average. It has to average the squares: g² comes first.",
    ("g**2", "g"),
    ("xp.sqrt(v_hat)", "xp.sqrt(v_hat**2)"),
)
SQUARE_OF_M = _moments(
    "v is fed with m², the square of the mean. It has to average the squares g².",
    ("c.weight2 * g**2", "c.weight2 * m**2"),
)
NO_WEIGHT = _moments(
    "m and v add the new gradient with the weight 1 in place of 1-β: they are sums, no averages.",
    scalars=fixed(weight1=1.0, weight2=1.0),
)
NO_WEIGHT_OF_M = _moments(
    "m adds the new gradient with the weight 1 in place of 1-β1: that is the heavy ball's sum.",
    scalars=fixed(weight1=1.0),
)
NO_WEIGHT_OF_V = _moments(
    "v adds the new square with the weight 1 in place of 1-β2: it is a sum, no average.",
    scalars=fixed(weight2=1.0),
)
SWAPPED = _moments(
    "β1 and β2 have changed places: β1 belongs to m and β2 to v.",
    scalars=other_hyperparameters(lambda own: {"beta1": own.beta2, "beta2": own.beta1}),
)
ONE_MINUS_BETA = _moments(
    "β and 1-β have changed places: β multiplies the old average, 1-β the new value.",
    scalars=other_hyperparameters(lambda own: {"beta1": 1 - own.beta1, "beta2": 1 - own.beta2}),
)
ABSOLUTE = _moments(
    "v averages |g| in the place of g².",
    ("g**2", "xp.abs(g)"),
)

NO_CORRECTION = Slip(
    "correction",
    "These are the numbers of Adam without bias correction: m and v start at 0 and are never "
    "divided by 1-β1^t and 1-β2^t.",
    scalars=fixed(correction1=1.0, correction2=1.0),
)
ONLY_M_CORRECTED = Slip(
    "correction",
    "Only m is corrected for its start at 0; v is not divided by 1-β2^t.",
    scalars=fixed(correction2=1.0),
)
ONLY_V_CORRECTED = Slip(
    "correction",
    "Only v is corrected for its start at 0; m is not divided by 1-β1^t.",
    scalars=fixed(correction1=1.0),
)
FROM_ZERO = Slip(
    "correction",
    "The correction counts t from zero: 1-β^0 is 0, and the first step divides by it. "
    "The first step is t = 1.",
    scalars=other_step(-1),
)
ONE_AHEAD = Slip(
    "correction",
    "The correction counts one step too many: the first step is t = 1, not 2.",
    scalars=other_step(1),
)
PRODUCT = Slip(
    "correction",
    "The correction uses β·t where β to the power t is meant.",
    scalars=lambda scalars, self, t, xp: (
        scalars(self, t, xp)
        | {"correction1": 1 - self.beta1 * t, "correction2": 1 - self.beta2 * t}
    ),
)
CONSTANT = Slip(
    "correction",
    "The correction divides by 1-β at every step, and has to divide by 1-β^t.",
    scalars=lambda scalars, self, t, xp: (
        scalars(self, t, xp) | {"correction1": 1 - self.beta1, "correction2": 1 - self.beta2}
    ),
)
FED_BACK = Slip(
    "correction",
    "The corrected m̂ and v̂ are stored as m and v, and corrected again at the next step.",
    (("return delta, m, v", "return delta, m_hat, v_hat"),),
)

INSIDE_THE_ROOT = Slip(
    "step",
    "ε stands inside the root, √(v̂+ε). Algorithm 1 adds it outside, √v̂ + ε: "
    "inside it acts like √ε, far more.",
    (("xp.sqrt(v_hat) + c.epsilon", "xp.sqrt(v_hat + c.epsilon)"),),
)
EPSILON_HAT = Slip(
    "step",
    "This is ε̂: the constant is added to √v and not to √v̂, as in the paper's reordered form. "
    "At the first steps it acts like ε/√(1-β2^t), which is larger.",
    (("xp.sqrt(v_hat) + c.epsilon", "xp.sqrt(v_hat) + c.epsilon / xp.sqrt(c.correction2)"),),
)
NO_ROOT = Slip(
    "step",
    "The step is m̂/v̂: the root of v̂ is missing, and the step gets longer when all gradients "
    "get smaller.",
    (("xp.sqrt(v_hat)", "v_hat"),),
)
NO_EPSILON = Slip(
    "step",
    "ε is missing: where all gradients are 0 the step is 0/0.",
    scalars=fixed(epsilon=0.0),
)
BRACKETS = tuple(
    Slip(
        "step",
        "ε is added after the division: it belongs to the denominator (brackets!).",
        ((old, new),),
    )
    for old, new in (
        ("(xp.sqrt(v_hat) + c.epsilon)", "xp.sqrt(v_hat) + c.epsilon"),
        ("(xp.sqrt(v_hat) + c.epsilon)", "xp.sqrt(v_hat) - c.epsilon"),
        ("m_hat / (xp.sqrt(v_hat) + c.epsilon)", "(m_hat / xp.sqrt(v_hat) + c.epsilon)"),
    )
)
UPHILL = Slip(
    "step",
    "The step goes uphill: α m̂/(√v̂+ε) is subtracted from θ.",
    (("-c.alpha", "c.alpha"),),
)
NO_ALPHA = Slip(
    "step",
    "The step size α is missing.",
    (("-c.alpha * m_hat", "-m_hat"),),
)
NOT_AVERAGED = Slip(
    "step",
    "The numerator is the gradient g where m̂ is meant: this is RMSProp with a corrected mean.",
    (("-c.alpha * m_hat", "-c.alpha * g"),),
)

ADAM = (
    NO_CORRECTION,
    ONLY_M_CORRECTED,
    ONLY_V_CORRECTED,
    FROM_ZERO,
    ONE_AHEAD,
    PRODUCT,
    CONSTANT,
    FED_BACK,
    INSIDE_THE_ROOT,
    EPSILON_HAT,
    NO_ROOT,
    NO_EPSILON,
    *BRACKETS,
    UPHILL,
    NO_ALPHA,
    NOT_AVERAGED,
    SQUARED_MEAN,
    SQUARE_OF_M,
    NO_WEIGHT,
    NO_WEIGHT_OF_M,
    NO_WEIGHT_OF_V,
    SWAPPED,
    ONE_MINUS_BETA,
    ABSOLUTE,
)


def _norm(message: str, *edits: tuple[str, str], scalars: object = None) -> Slip:
    return _moments(message, *edits, scalars=scalars, topic="norm")


ADAMAX = (
    Slip(
        "correction",
        "m is not corrected: it starts at 0 and has to be divided by 1-β1^t.",
        scalars=fixed(correction1=1.0),
    ),
    Slip(
        "correction",
        "u is divided by 1-β2^t. It needs no correction: a maximum that starts at 0 has "
        "forgotten its start after the first gradient.",
        (("m_hat / u", "m_hat / (u / (1 - c.beta2**c.t))"),),
        scalars=lambda scalars, self, t, xp: scalars(self, t, xp) | {"t": t},
    ),
    FROM_ZERO,
    _norm(
        "u never forgets: β2 is missing, and u is the largest |g| of all time.",
        scalars=fixed(beta2=1.0),
    ),
    _norm(
        "β2 multiplies the maximum. It multiplies the old u alone: max(β2 u, |g|).",
        ("xp.maximum(c.beta2 * u, xp.abs(g) + c.epsilon)", "c.beta2 * xp.maximum(u, xp.abs(g))"),
    ),
    _norm(
        "The maximum is taken with g and not with |g|: negative gradients do not count.",
        ("xp.abs(g)", "g"),
    ),
    _norm(
        "u is an average of |g|: the infinity norm takes the maximum of β2 u and |g|.",
        (
            "xp.maximum(c.beta2 * u, xp.abs(g) + c.epsilon)",
            "c.beta2 * u + (1 - c.beta2) * xp.abs(g)",
        ),
    ),
    _norm(
        "u is compared with g²: the maximum of the infinity norm is taken with |g|.",
        ("xp.abs(g)", "g**2"),
    ),
    _norm(
        "m adds the new gradient with the weight 1 in place of 1-β1.",
        scalars=fixed(weight1=1.0),
    ),
    Slip(
        "step",
        "The root of u is taken: u is a size like |g| already, and not a square.",
        (("m_hat / u", "m_hat / xp.sqrt(u)"),),
    ),
    Slip("step", "The step goes uphill: α m̂/u is subtracted from θ.", (("-c.alpha", "c.alpha"),)),
    Slip("step", "The step size α is missing.", (("-c.alpha * m_hat", "-m_hat"),)),
)

_MAXIMUM, _CURRENT = "xp.maximum(v_max, v)", "v_max / c.correction2"
AMSGRAD = (
    _moments(
        "v_max is never larger than v: the maximum is missing, and this is Adam.",
        (_MAXIMUM, "v"),
        topic="maximum",
    ),
    Slip(
        "maximum",
        "v_max is kept and not used: the step still divides by the root of the current v̂.",
        ((_CURRENT, "v / c.correction2"),),
    ),
    _moments(
        "v_max takes the smaller of the two: the second moment may never fall, so the larger.",
        (_MAXIMUM, "-xp.maximum(-v_max, -v)"),
        topic="maximum",
    ),
    _moments(
        "The maximum is fed back into the average: v goes on from v, and not from v_max.",
        ("return delta, m, v, v_max", "return delta, m, v_max, v_max"),
        topic="maximum",
    ),
    _moments(
        "The maximum is taken over the corrected v̂ (as Optax does); here v_max holds the largest "
        "uncorrected v, and the correction comes after.",
        (_MAXIMUM, "xp.maximum(v_max, v / c.correction2)"),
        (_CURRENT, "v_max"),
        topic="maximum",
    ),
    _moments(
        "v_max holds the largest |m|: the maximum is over v.",
        (_MAXIMUM, "xp.maximum(v_max, xp.abs(m))"),
        topic="maximum",
    ),
    *(slip for slip in ADAM if slip is not FED_BACK),
)
