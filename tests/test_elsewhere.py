"""Another country, another clock, one thread, no home to write in: what is computed is the same."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
TASK = """
import json, locale
import numpy as np
import adambook
from adambook.fused import Fused

locale.setlocale(locale.LC_ALL, "")
start = np.array([0.1, -2.5, 3.0])
fused, alpha = start.copy(), adambook.schedules.inverse_sqrt(0.1)
engine = Fused(adambook.NAdam(), fused)
for _ in range(5):
    engine.step(fused**3)
print(json.dumps({
    "path": adambook.minimize(adambook.Adam(alpha), lambda x: x**3, start, 20).tolist(),
    "fused": fused.tolist(),
    "latex": adambook.symbolic.latex(adambook.AdaBelief),
    "javascript": adambook.symbolic.javascript(adambook.RMSProp),
    "claims": [claim.id for claim in adambook.ledger.claims()],
}))
"""


def said(source, **environment):
    """What the task prints in an environment that holds nothing else."""
    result = subprocess.run(
        [sys.executable, "-c", TASK],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(source), **environment},
        capture_output=True,
    )
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return result.stdout


def test_locale_clock_threads_home_and_folder_change_nothing(tmp_path):
    """The folder's name has a space and a letter that the locale's ASCII lacks."""
    elsewhere = tmp_path / os.fsdecode("a b ü".encode())
    elsewhere.symlink_to(SOURCE)
    here = said(SOURCE, HOME=str(tmp_path))
    there = said(
        elsewhere,
        HOME="/dev/null",
        LC_ALL="C",
        PYTHONUTF8="0",
        TZ="Pacific/Chatham",
        NUMBA_NUM_THREADS="1",
        OMP_NUM_THREADS="1",
    )
    assert here == there and b"claims" in here
