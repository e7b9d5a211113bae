"""What surrounds the rule in a training run: checks, range test, clipping, scaling, stopping."""
