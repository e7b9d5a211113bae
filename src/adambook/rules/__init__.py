"""The optimizers, one file a rule. Each rule's arithmetic stands here and nowhere else."""

from adambook.rules.adabelief import AdaBelief
from adambook.rules.adadelta import AdaDelta
from adambook.rules.adagrad import AdaGrad
from adambook.rules.adam import Adam, AdamReordered
from adambook.rules.adam_uncorrected import AdamUncorrected
from adambook.rules.adamax import AdaMax, AdaMaxOutside
from adambook.rules.adamw import AdamW
from adambook.rules.adopt import ADOPT, ADOPTClipped
from adambook.rules.amsgrad import AMSGrad, AMSGradCorrected
from adambook.rules.momentum import Momentum
from adambook.rules.nadam import NAdam
from adambook.rules.nesterov import Nesterov
from adambook.rules.radam import RAdam
from adambook.rules.rmsprop import RMSProp, RMSPropCentred, RMSPropMomentum
from adambook.rules.rule import Rule
from adambook.rules.schedule_free import ScheduleFree
from adambook.rules.sgd import SGD

RULES: tuple[type[Rule], ...] = (
    SGD,
    Momentum,
    Nesterov,
    AdaGrad,
    RMSProp,
    RMSPropMomentum,
    RMSPropCentred,
    AdaDelta,
    Adam,
    AdamReordered,
    AdamUncorrected,
    AdaMax,
    AdaMaxOutside,
    AMSGrad,
    AMSGradCorrected,
    AdamW,
    NAdam,
    RAdam,
    AdaBelief,
    ADOPT,
    ADOPTClipped,
    ScheduleFree,
)

__all__ = ["RULES", "Rule", *(rule.__name__ for rule in RULES)]
