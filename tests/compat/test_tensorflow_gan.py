"""TF-GAN's two packages without its package: what is given, what is said, and that nothing else notices."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import tensorflow as tf

from tfgan_suite.compat import tensorflow_gan

OURS = "from tfgan_suite.compat import tensorflow_gan"

# What a plain import does: which error, and which modules it leaves behind.
PLAIN = """
    import importlib
    try:
        outcome = importlib.import_module("tensorflow_gan").__name__
    except Exception as error:
        outcome = repr(error)
    print(outcome, sorted(name for name in sys.modules if name.startswith("tensorflow_gan")))
"""

# A package of TF-GAN's layout that imports anywhere, as TF-GAN does on an old TensorFlow, and is slow at it.
IMPORTABLE = {
    "__init__.py": "from tensorflow_gan.python import losses",
    "python/__init__.py": "",
    "python/names.py": "class Model: pass",
    "python/losses/__init__.py": """
        import time
        from tensorflow_gan.python.names import Model
        time.sleep(0.2)
    """,
    "python/eval/__init__.py": "from tensorflow_gan.python.names import Model",
}


def output_of(code, folder=None):
    """What `code` prints in a fresh process whose first import path is `folder`."""
    code = "import sys\n" + textwrap.dedent(code)
    path = os.pathsep.join([*([str(folder)] if folder else []), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def importable(tmp_path):
    for name, content in IMPORTABLE.items():
        file = tmp_path / "tensorflow_gan" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(content))
    return tmp_path


def test_all_public_functions_are_there():
    losses, evaluation = tensorflow_gan.losses, tensorflow_gan.eval
    for module in (losses, losses.wargs, evaluation):
        assert len(module.__all__) > 15
        assert all(hasattr(module, name) for name in module.__all__)
    assert losses.__name__ == "tensorflow_gan.python.losses"


def test_losses_of_arguments_and_of_tuples():
    losses, logits = tensorflow_gan.losses, tf.constant([[0.0], [2.0]])
    fields = losses.tuple_losses.namedtuples.GANModel._fields
    model = losses.tuple_losses.namedtuples.GANModel(
        **{**dict.fromkeys(fields), "discriminator_gen_outputs": logits}
    )
    assert float(losses.wargs.wasserstein_generator_loss(logits)) == -1.0
    assert float(losses.wasserstein_generator_loss(model)) == -1.0


def test_metrics():
    features = np.random.default_rng(0).normal(size=(50, 3))
    distance = tensorflow_gan.eval.frechet_classifier_distance_from_activations(features, features + 2.0)
    assert float(distance) == pytest.approx(12.0, rel=1e-9)  # three means moved by 2


def test_inside_a_function():
    # AutoGraph reads the source of modules that `sys.modules` does not know.
    logits = tf.constant([[0.0], [2.0]])
    for loss in (
        tensorflow_gan.losses.wargs.modified_generator_loss,
        tensorflow_gan.eval.classifier_score_from_logits,
    ):
        np.testing.assert_allclose(tf.function(loss)(logits), loss(logits), rtol=1e-6)


def test_importing_costs_nothing():
    code = f"""
        import tfgan_suite.compat
        {OURS}
        print({{"tensorflow", "numpy", "tensorflow_gan"}} & set(sys.modules), dir(tensorflow_gan))
    """
    assert output_of(code) == "set() ['eval', 'losses']"


@pytest.mark.slow  # imports of half a minute
def test_no_trace():
    code = f"""
        import tensorflow as tf
        {OURS}

        def attributes():
            return {{name: getattr(tf, name) for name in dir(tf)}}

        def changed_by(part):
            before, modules = attributes(), set(sys.modules)
            getattr(tensorflow_gan, part)
            after = attributes()
            assert "tensorflow_gan" not in sys.modules and "tensorflow_gan.python" not in sys.modules
            assert not [name for name in set(sys.modules) - modules if name.startswith("tensorflow_gan")]
            return [name for name in before.keys() | after.keys() if before.get(name) is not after.get(name)]

        assert changed_by("losses") == []
        assert not {{"tensorflow_probability", "tensorflow_hub"}} & set(sys.modules)
        # These two load tf.keras, and rebind tf.compat to a second import of its file.
        import tensorflow_hub, tensorflow_probability
        assert changed_by("eval") == []
    """
    assert output_of(textwrap.dedent(code) + textwrap.dedent(PLAIN)) == output_of(PLAIN)


def test_a_plain_import_works_afterwards(importable):
    code = f"""
        {OURS}
        ours = tensorflow_gan.losses, tensorflow_gan.eval
        assert ours[0].Model is ours[1].Model
        import tensorflow_gan as plain
        assert plain.losses is not ours[0] and plain.losses.Model is not ours[0].Model
        assert sys.modules["tensorflow_gan.python.losses"] is plain.losses
    """
    assert output_of(textwrap.dedent(code) + textwrap.dedent(PLAIN), importable) == output_of(
        PLAIN, importable
    )


def test_a_plain_import_that_worked_is_used(importable):
    code = f"""
        import tensorflow_gan as plain
        {OURS}
        print(tensorflow_gan.losses is plain.losses, tensorflow_gan.eval.Model is plain.losses.Model)
    """
    assert output_of(code, importable) == "True True"


def test_what_a_failed_plain_import_left_behind_stays(importable):
    (importable / "tensorflow_gan/python/__init__.py").write_text(
        "from . import losses\nraise AttributeError(7)"
    )
    code = f"""
        {OURS}

        def left():
            return {{name: sys.modules[name] for name in sys.modules if name.startswith("tensorflow_gan")}}

        try:
            import tensorflow_gan as plain
        except AttributeError:
            before = left()
        ours = tensorflow_gan.losses
        print(sorted(before), left() == before, ours is before["tensorflow_gan.python.losses"])
    """
    names = ["tensorflow_gan.python.losses", "tensorflow_gan.python.names"]
    assert output_of(code, importable) == f"{names} True False"


def test_threads_get_the_same(importable):
    code = f"""
        import threading
        {OURS}
        got = []
        threads = [threading.Thread(target=lambda: got.append(tensorflow_gan.losses)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(len(got), len(set(map(id, got))), "tensorflow_gan" in sys.modules)
    """
    assert output_of(code, importable) == "8 1 False"


def test_the_same_object_twice():
    from tfgan_suite.compat import tensorflow_gan as again

    assert again is tensorflow_gan
    assert again.losses is tensorflow_gan.losses
    assert again.eval is tensorflow_gan.eval


def message(code, folder=None):
    return output_of(
        f"""
        try:
            {code}
        except ImportError as error:
            print(error, [name for name in sys.modules if name.startswith("tensorflow_gan")])
        """,
        folder,
    )


def test_says_what_to_install():
    code = f"sys.modules['tensorflow_gan'] = None; {OURS}"  # None: as if it were not installed
    assert "TF-GAN is not installed: pip install 'tensorflow-gan>=2.1'" in message(code)


@pytest.mark.parametrize("missing", ["distutils", "pkg_resources"])
def test_says_which_setuptools(importable, missing):
    # Both are on the way to tensorflow_gan.python.eval, in tensorflow_probability and tensorflow_hub.
    (importable / "tensorflow_gan/python/eval/__init__.py").write_text(f"import {missing}")
    code = f"sys.modules['{missing}'] = None; {OURS}; tensorflow_gan.eval"
    said = message(code, importable)
    assert f"tensorflow_gan.python.eval needs {missing}" in said
    assert said.endswith("pip install 'setuptools<82' []")


def test_other_missing_modules_speak_for_themselves(importable):
    (importable / "tensorflow_gan/python/eval/__init__.py").write_text("import no_such_module")
    assert message(f"{OURS}; tensorflow_gan.eval", importable) == "No module named 'no_such_module' []"


@pytest.mark.parametrize("name", ["estimator", "gan_train", "features"])
def test_says_what_is_offered(name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}', only losses and eval: .*tf.estimator"):
        getattr(tensorflow_gan, name)


def test_streaming_needs_a_session():
    # As the module's docstring says.
    streaming = tensorflow_gan.eval.classifier_score_from_logits_streaming
    logits = np.random.default_rng(0).normal(size=(3, 10, 4))
    with pytest.raises(RuntimeError, match="not supported when eager"):
        streaming(logits[0])
    with pytest.raises(ValueError, match="singleton tf.Variables"):
        tf.function(streaming)(logits[0])
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        batch = tf.compat.v1.placeholder(tf.float64, logits.shape[1:])
        score, update = streaming(batch)
        session.run(tf.compat.v1.local_variables_initializer())
        for each in logits:
            session.run(update, {batch: each})
        streamed = session.run(score)
    whole = tensorflow_gan.eval.classifier_score_from_logits(logits.reshape(30, 4))
    assert streamed == pytest.approx(float(whole), rel=1e-12)


def test_kernel_distance_of_several_blocks_is_wrong_under_xla():
    # As the module's docstring says. If this fails, TensorFlow has mended it.
    random = np.random.default_rng(0)
    real, fake = (tf.constant(random.normal(i, 1.0, size=(40, 3))) for i in (0, 1))

    def distance(block, **options):
        kid = tensorflow_gan.eval.kernel_classifier_distance_from_activations
        return float(tf.function(lambda: kid(real, fake, max_block_size=block), **options)())

    assert distance(40, jit_compile=True) == pytest.approx(distance(40), rel=1e-9)
    assert distance(20, jit_compile=True) != pytest.approx(distance(20), rel=1e-2)
