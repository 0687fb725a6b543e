"""TF-GAN's `losses` and `eval`, on a TensorFlow that its own `import tensorflow_gan` fails on.

    from tfgan_suite.compat import tensorflow_gan

    tensorflow_gan.losses.wargs.minimax_discriminator_loss(real_outputs, generated_outputs)

`import tensorflow_gan` (2.1.0) ends at `tf.estimator`, which TensorFlow 2.16 removed; these two packages in
it do not need that. They are imported below empty parents that stand in `sys.modules` only meanwhile: a plain
import does afterwards what it did before. TensorFlow is not patched. If a plain import has worked earlier,
its modules are given. Functions in `losses` that take a tuple want one of `losses.tuple_losses.namedtuples`.

What does not work on TensorFlow 2.21:

- Eagerly: `wasserstein_gradient_penalty`, and `combine_adversarial_loss` with its default summaries. They do
  inside `tf.function`; the penalty wants a `discriminator_scope` other than None.
- Eagerly and inside `tf.function`: all that ends in `_streaming`. It does in a `tf.Graph` with a session.
- Under XLA: kernel distances of several blocks (more than `max_block_size` examples) are wrong, without an
  error; `sliced_wasserstein_distance` and summaries do not compile.
"""

import contextlib
import importlib
import importlib.util
import os
import sys
import threading
import types
from collections.abc import Iterator

_PARTS = ("losses", "eval")
__all__ = [*_PARTS]

_found = importlib.util.find_spec("tensorflow_gan")
if _found is None:
    raise ImportError(f"{__name__}: TF-GAN is not installed: pip install 'tensorflow-gan>=2.1'")


def __getattr__(name: str) -> types.ModuleType:
    # One by one: `eval` imports TensorFlow Probability and Hub, 1.7 s that `losses` does without.
    if name not in _PARTS:
        raise AttributeError(
            f"{__name__} has no attribute {name!r}, only {' and '.join(_PARTS)}: TF-GAN's training needs "
            "tf.estimator, which TensorFlow 2.16 removed, and its features and tpu belong to that training"
        )
    with _lock:
        return globals().setdefault(name, _load(f"tensorflow_gan.python.{name}"))


def __dir__() -> list[str]:
    return sorted(__all__)


def _load(name: str) -> types.ModuleType:
    if "tensorflow_gan" in sys.modules:
        return importlib.import_module(name)
    try:
        with _ours_in_place():
            return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in ("distutils", "pkg_resources"):
            raise
        raise ImportError(
            f"{__name__}: {name} needs {error.name}, which comes with setuptools before version 82: "
            "pip install 'setuptools<82'"
        ) from error


@contextlib.contextmanager
def _ours_in_place() -> Iterator[None]:
    """Exchanges all of `tensorflow_gan` in `sys.modules` for the modules we hold, and back."""
    theirs = _taken_out()
    sys.modules.update(_ours)
    try:
        yield
    finally:
        _ours.update(_taken_out())
        sys.modules.update(theirs)


def _taken_out() -> dict[str, types.ModuleType]:
    names = [name for name in sys.modules if f"{name}.".startswith("tensorflow_gan.")]
    return {name: sys.modules.pop(name) for name in names}


def _empty_package(name: str, folders: list[str]) -> types.ModuleType:
    package = types.ModuleType(name)
    package.__path__ = folders
    return package


_lock = threading.RLock()  # for us; another thread's plain import meanwhile would meet the empty parents
_root = [*_found.submodule_search_locations]
_ours = {
    "tensorflow_gan": _empty_package("tensorflow_gan", _root),
    "tensorflow_gan.python": _empty_package(
        "tensorflow_gan.python", [os.path.join(f, "python") for f in _root]
    ),
}
