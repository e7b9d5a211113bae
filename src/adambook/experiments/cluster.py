"""Where units are trained: on this machine's cores, or on the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import joblib

SECONDS_TO_ANSWER = 10


@contextmanager
def spread(address: str | None) -> Iterator[None]:
    """Within, joblib gives its tasks to the Dask cluster at `address`; None: to this machine.

    Parameters
    ----------
    address : str or None
        The scheduler's, such as `tcp://10.0.0.1:8786`. Its workers have one thread each, because
        a unit limits the threads of its whole process.

    Raises
    ------
    ValueError
        If Dask is not installed, the address is none, or a worker has several threads.
    OSError
        If no scheduler answers, or it has no worker.

    >>> with spread(None):
    ...     joblib.Parallel(n_jobs=1)(joblib.delayed(abs)(x) for x in (-1, 2))
    [1, 2]
    """
    if address is None:
        yield
        return
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError:
        raise ValueError(
            "--dask needs the package distributed, which is not installed: "
            "pip install 'dask[distributed]'"
        ) from None
    try:
        get_address_host_port(address, strict=True)
        client: Any = cast(Any, Client)(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
    except (ValueError, NotImplementedError, TypeError):  # the last from tls:// without keys
        raise ValueError(
            f"--dask must be a scheduler's address such as tcp://10.0.0.1:8786, got {address!r}"
        ) from None
    except OSError as error:
        raise OSError(
            f"no Dask scheduler answers at {address} within {SECONDS_TO_ANSWER} seconds"
        ) from error
    with client:
        threads = client.nthreads()
        if not threads:
            raise OSError(f"the Dask scheduler at {address} has no workers; start some")
        if set(threads.values()) != {1}:
            raise ValueError(
                f"each Dask worker must have one thread, got {sorted(threads.values())}; "
                "start them with: dask worker --nthreads 1 --nworkers N"
            )
        with joblib.parallel_config(backend="dask", client=client, wait_for_workers_timeout=0):
            yield
