"""TensorFlow as the command line starts it: the same numbers each time, and no start-up notices."""

import os
import sys
from pathlib import Path

from tfgan_suite.cache import default_cache
from tfgan_suite.processor import onednn_keeps_bits

_KEPT = 500  # programs that XLA has compiled, of about 1 MB each


def import_tensorflow(exact: bool = True, threads: int | None = None) -> None:
    """Imports TensorFlow silently, unless TF_CPP_MIN_LOG_LEVEL asks to hear it.

    Its notices (which instructions it uses, that there is no GPU) go to descriptor 2 before any log level
    is read; six lines of them in front of a command's own output look like errors. What the environment says
    already stays.

    Args:
        exact: equal bits from run to run, so oneDNN's kernels, which train convolutions faster
            (docs/performance.md), only where they keep them. False: oneDNN's kernels in any case.
        threads: how many one operation may use.
    """
    choose_kernels(exact)
    if threads is not None:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(threads))
    _keep_what_xla_compiles(default_cache() / "xla")
    if "tensorflow" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import tensorflow  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
        # Not inherited: a process started from here decides for itself.
        del os.environ["TF_CPP_MIN_LOG_LEVEL"]


def choose_kernels(exact: bool) -> None:
    """Whether TensorFlow, when it is imported, takes oneDNN's: `exact` of `import_tensorflow`."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1" if onednn_keeps_bits() or not exact else "0")


def _keep_what_xla_compiles(folder: Path) -> None:
    """So that a config that is started again compiles nothing; left out where the folder cannot be one."""
    if " " in str(folder):
        return  # it would end the flag
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return
    os.environ.setdefault("TF_XLA_FLAGS", f"--tf_xla_persistent_cache_directory={folder}")
