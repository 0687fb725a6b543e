"""Where things are kept that can be computed again."""

import os
from pathlib import Path

VARIABLE = "TFGAN_SUITE_CACHE"


def default_cache() -> Path:
    """The folder in TFGAN_SUITE_CACHE, or `tfgan_suite` in the user's own cache folder."""
    own = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get(VARIABLE) or Path(own) / "tfgan_suite")
