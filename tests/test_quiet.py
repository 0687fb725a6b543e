"""How the command line starts TensorFlow."""

import os

import pytest

from tfgan_suite import processor, quiet

VARIABLES = "TF_ENABLE_ONEDNN_OPTS", "TF_NUM_INTRAOP_THREADS", "TF_XLA_FLAGS"


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """The process's own, without what is set here; the cache is `tmp_path / "cache"`."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that it is put back
        monkeypatch.delenv(name)
    monkeypatch.setenv("TFGAN_SUITE_CACHE", str(tmp_path / "cache"))
    return monkeypatch


@pytest.mark.parametrize(
    ("instructions", "exact", "onednn"),
    [
        ({"avx2"}, True, "0"),
        ({"avx2"}, False, "1"),
        ({"avx2", "avx512f", "avx512_vnni"}, True, "1"),
        ({"avx2", "avx512f", "avx512_vnni"}, False, "1"),
        (set(), True, "0"),  # no Linux, or none of these processors
    ],
)
def test_onednn_is_on_where_it_keeps_bits_or_they_are_given_up(environment, instructions, exact, onednn):
    environment.setattr(processor, "instructions", lambda: instructions)
    quiet.import_tensorflow(exact)
    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == onednn
    assert "TF_NUM_INTRAOP_THREADS" not in os.environ


def test_options_set_the_environment(environment):
    quiet.import_tensorflow(exact=False, threads=1)
    assert (os.environ["TF_ENABLE_ONEDNN_OPTS"], os.environ["TF_NUM_INTRAOP_THREADS"]) == ("1", "1")


def test_what_the_user_has_set_stays(environment):
    for name in VARIABLES:
        environment.setenv(name, "own")
    quiet.import_tensorflow(exact=False, threads=1)
    assert [os.environ[name] for name in VARIABLES] == ["own"] * 3


def test_xla_keeps_what_it_compiles_and_the_oldest_goes(environment, tmp_path):
    folder = tmp_path / "cache" / "xla"
    folder.mkdir(parents=True)
    for age in range(4):
        file = folder / f"{age}.pb"
        file.touch()
        os.utime(file, (1000 - age, 1000 - age))
    environment.setattr(quiet, "_KEPT", 3)
    quiet.import_tensorflow()
    assert os.environ["TF_XLA_FLAGS"] == f"--tf_xla_persistent_cache_directory={folder}"
    assert sorted(file.name for file in folder.iterdir()) == ["0.pb", "1.pb", "2.pb"]


@pytest.mark.parametrize("place", ["with space", "file/below"])
def test_no_cache_where_there_cannot_be_one(environment, tmp_path, place):
    (tmp_path / "file").touch()
    environment.setenv("TFGAN_SUITE_CACHE", str(tmp_path / place))
    quiet.import_tensorflow()
    assert "TF_XLA_FLAGS" not in os.environ
