"""What the README shows is true: its Python runs, its config is the config."""

import re
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_python_example_runs():
    (example,) = (b for b in re.findall(r"```python\n(.*?)```", README, re.S) if "gan.fit" in b)
    assert len([line for line in example.splitlines() if line]) <= 15
    # The same program, stopped early.
    namespace = {}
    exec(
        example.replace("steps_per_epoch=100, epochs=20", "steps_per_epoch=2, epochs=1, verbose=0"), namespace
    )
    assert namespace["images"].shape == (16, 16, 16, 1)
    assert np.isfinite(namespace["images"]).all()


def test_the_config_shown_is_the_one_that_is_run():
    (shown,) = re.findall(r"```yaml\n# configs/digits/gan.yaml\n(.*?)```", README, re.S)
    assert shown == (ROOT / "configs/digits/gan.yaml").read_text()


def test_every_file_it_names_exists():
    for path in re.findall(r"\]\(([\w./-]+)\)", README) + re.findall(r"configs/\w+/\w+\.yaml", README):
        assert (ROOT / path).exists(), path
