"""Processes that are killed: by a clock from outside, or by themselves at a touch of the disk."""

import itertools
import multiprocessing
import os
import signal
import sys
import time

# A server that has loaded the package forks each process: some milliseconds in place of seconds.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    [f"adambook.experiments.{name}" for name in ("runner", "fig1_mnist", "fig2b")]
    + ["adambook.datasets.download", "sklearn.datasets"]
)
TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir"}
WRITES = os.O_WRONLY | os.O_RDWR


def dies_at(touch, where, environment, function, *args, **options):
    """Call a function in a process that kills itself before its touch-th write below `where`.

    Returns whether it did; if not, the function came to its end.
    """
    process = PROCESSES.Process(
        target=_watched, args=(touch, str(where), environment, function, args, options)
    )
    process.start()
    process.join()
    return _was_killed(process)


def dies_after(seconds, environment, function, *args, **options):
    """Call a function in a process that is killed after some seconds; return as `dies_at` does."""
    process = PROCESSES.Process(
        target=called, args=(environment, function, *args), kwargs=options, daemon=True
    )
    process.start()
    time.sleep(seconds)
    process.kill()
    process.join()
    return _was_killed(process)


def called(environment, function, *args, **options):
    """Call a function where the environment says something else."""
    os.environ.update(environment)
    function(*args, **options)


def _was_killed(process):
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


def _watched(touch, where, environment, function, args, options):
    touches = itertools.count(1)

    def watch(event, details):
        if event not in TOUCHES or not str(details[0]).startswith(where):
            return
        if event == "open" and not details[2] & WRITES:
            return
        if next(touches) == touch:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    called(environment, function, *args, **options)
