"""What surrounds the rule in a training run: a checklist, a range test, clipping, loss scaling.

`check` looks at a model, an optimizer and a batch before the run; `range_test` finds the step
sizes that work; `clip_by_global_norm`, `LossScaler` and `EarlyStopping` are used during it;
`scaled_to_batch` and `decay_groups` set it up; `small_network` gives four networks to try on.
"""

from adambook.practice.batch_size import scaled_to_batch
from adambook.practice.checklist import Finding, check
from adambook.practice.clipping import clip_by_global_norm, global_norm
from adambook.practice.early_stopping import EarlyStopping
from adambook.practice.groups import decay_groups
from adambook.practice.loss_scaling import LossScaler
from adambook.practice.small_networks import small_network
from adambook.practice.step_size_range import RangeTest, geometric, range_test, smoothed

__all__ = [
    "EarlyStopping",
    "Finding",
    "LossScaler",
    "RangeTest",
    "check",
    "clip_by_global_norm",
    "decay_groups",
    "geometric",
    "global_norm",
    "range_test",
    "scaled_to_batch",
    "small_network",
    "smoothed",
]
