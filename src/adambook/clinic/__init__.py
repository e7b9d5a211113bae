"""Training runs that go wrong, and the same runs cured: one file a symptom.

Each has `sick()` and `cured()`, which train on real data for a second and return the log, one row
an update. What they share is in `training`, `ridge` and `text`.
"""

SYMPTOMS = (
    "divergence",
    "not_a_number",
    "plateau",
    "spike",
    "start",
    "overfitting",
    "resume",
    "embedding",
    "half_precision",
    "weight_decay",
    "schedule_twice",
    "big_batch",
)
"""The files, one a symptom, in the order of the chapter on the clinic."""
