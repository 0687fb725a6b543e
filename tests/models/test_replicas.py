"""Two replicas are one model: in step with each other, with different draws, and with the mean gradient."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("xla", ["plain", "xla"])
def test_two_replicas(xla):
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.replicas", xla],
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert report.pop("draws differ")
    assert report.pop("difference from one replica") < 1e-6
    assert all(entry == {"finite": True, "in sync": True, "steps": 3} for entry in report.values()), report
