"""Mutation testing: small faults are put into the package, and the tests must find them.

`changes` makes the faults: those of Cosmic Ray's operators that `cosmic-ray.toml` names, and
functions emptied of what they do. `trial` runs, in a copy of the project, the tests for a fault.
`python -m mutants` writes what became of each fault to `data/checks/`; `make mutants` calls it.
"""
