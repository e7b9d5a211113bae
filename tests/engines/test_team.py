"""PyTorch's threads run a compiled loop, in whatever process has them."""

import ctypes
import subprocess
import sys

import pytest
import torch

from adambook.team import team_of_pytorch

ON_OPENMP = "ATen parallel backend: OpenMP" in torch.__config__.parallel_info()


@pytest.mark.skipif(sys.platform != "linux" or not ON_OPENMP, reason="no OpenMP of GNU's interface")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_every_thread_of_the_team_runs_the_function_once(threads):
    seen = []
    work = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(seen.append)
    team_of_pytorch()(ctypes.cast(work, ctypes.c_void_p).value, 5, threads)
    assert seen == [5] * threads


def test_without_pytorch_in_the_process_there_is_no_team_and_it_is_not_imported():
    code = (
        "import sys, numpy as np, adambook\n"
        "from adambook import one_pass\n"
        "one_pass.SERIAL_BELOW = 0\n"
        "theta = np.zeros(50_000)\n"
        "adambook.fused.Fused(adambook.SGD(alpha=1.0), theta).step(np.ones(50_000))\n"
        "print(one_pass.team_of_pytorch(), 'torch' in sys.modules, theta.min(), theta.max())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.stdout.split() == ["None", "False", "-1.0", "-1.0"], done.stderr
