"""TensorFlow as the command line starts it: the same numbers each time, and no start-up notices."""

import os
import sys


def import_tensorflow() -> None:
    """Imports TensorFlow silently, unless TF_CPP_MIN_LOG_LEVEL asks to hear it.

    Its notices (which instructions it uses, that there is no GPU) go to descriptor 2 before any log level
    is read; six lines of them in front of a command's own output look like errors.
    """
    # oneDNN's kernels now and then round differently from run to run; exact resume needs them off. They are
    # 7 % faster on the demo: set the variable to 1 to have them (docs/platform.md).
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
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
