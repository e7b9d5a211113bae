"""Adam, from first principles: every optimizer once, the theory, and the paper's experiments."""

from adambook.minimize import minimize
from adambook.rules import (
    ADOPT,
    SGD,
    AdaBelief,
    AdaDelta,
    AdaGrad,
    Adam,
    AdaMax,
    AdaMaxOutside,
    AdamReordered,
    AdamUncorrected,
    AdamW,
    ADOPTClipped,
    AMSGrad,
    AMSGradCorrected,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RMSProp,
    RMSPropCentred,
    RMSPropMomentum,
    ScheduleFree,
)

__all__ = [
    "SGD",
    "Momentum",
    "Nesterov",
    "AdaGrad",
    "RMSProp",
    "RMSPropMomentum",
    "RMSPropCentred",
    "AdaDelta",
    "Adam",
    "AdamReordered",
    "AdamUncorrected",
    "AdaMax",
    "AdaMaxOutside",
    "AMSGrad",
    "AMSGradCorrected",
    "AdamW",
    "NAdam",
    "RAdam",
    "AdaBelief",
    "ADOPT",
    "ADOPTClipped",
    "ScheduleFree",
    "minimize",
]


def __getattr__(name: str) -> object:
    """Import a submodule when it is first named, so that `import adambook` stays light."""
    from importlib import import_module

    try:
        return import_module(f"adambook.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"adambook.{name}":
            raise
    raise AttributeError(f"module 'adambook' has no attribute {name!r}")
