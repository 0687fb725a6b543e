"""TensorFlow without its start-up notices."""

import os
import sys


def import_tensorflow() -> None:
    """Imports TensorFlow silently, unless TF_CPP_MIN_LOG_LEVEL asks to hear it.

    Its notices (which instructions it uses, that there is no GPU) go to descriptor 2 before any log level
    is read; six lines of them in front of a command's own output look like errors.
    """
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
