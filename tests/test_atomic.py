import json
import os

import numpy as np
import pytest

from tfgan_suite.atomic import replacing, write_json, write_text
from tfgan_suite.errors import UserError


def names(folder):
    return sorted(os.listdir(folder))


def test_new_and_replaced_file(tmp_path):
    path = tmp_path / "sub" / "note.txt"
    write_text(path, "old")
    write_text(str(path), "é\n")
    assert path.read_bytes() == "é\n".encode()
    assert names(path.parent) == ["note.txt"]


def test_the_old_file_is_whole_until_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("directory", [False, True])
def test_an_exception_leaves_the_old_content_and_nothing_else(tmp_path, error, directory):
    kept, path = tmp_path / "kept.txt", tmp_path / ("model" if directory else "kept.txt")
    kept.write_text("old")
    with pytest.raises(error), replacing(path) as temporary:  # noqa: PT012 (the body is what is tested)
        if directory:
            temporary.mkdir()
            (temporary / "half").write_text("x")
        else:
            temporary.write_text("half")
        raise error
    assert names(tmp_path) == ["kept.txt"]
    assert kept.read_text() == "old"


def test_a_failing_rename_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_text(path, "new")
    assert names(tmp_path) == ["a.txt"]
    assert path.read_text() == "old"


def test_everything_is_flushed_before_and_the_parent_after_the_rename(tmp_path, monkeypatch):
    events = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(
        os, "fsync", lambda fd: (events.append(os.readlink(f"/proc/self/fd/{fd}")), fsync(fd))
    )
    monkeypatch.setattr(os, "replace", lambda a, b: (events.append("rename"), replace(a, b)))
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("no /proc")
    with replacing(tmp_path / "model") as temporary:
        (temporary / "sub").mkdir(parents=True)
        (temporary / "sub" / "weights").write_text("x")
    ends = [os.path.basename(event) for event in events]
    assert set(ends[: ends.index("rename")]) == {"sub", "weights", temporary.name}
    assert events[-2:] == ["rename", str(tmp_path.resolve())]


def test_a_directory(tmp_path):
    path = tmp_path / "model"
    with replacing(path) as temporary:
        temporary.mkdir()
        (temporary / "weights").write_text("x")
        assert not path.exists()
    assert (path / "weights").read_text() == "x"
    with pytest.raises(UserError, match="path: expected a file"), replacing(path):
        pass
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("name", ["x.npz", "v1.2.weights.h5", "plain"])
def test_the_temporary_keeps_the_suffixes(tmp_path, name):
    with replacing(tmp_path / name) as temporary:
        assert temporary.name.endswith(name)
        assert temporary.name != name
        temporary.write_text("")


def test_numpy_finds_its_suffix(tmp_path):
    with replacing(tmp_path / "x.npz") as temporary:
        np.savez(temporary, a=np.arange(3))
    assert names(tmp_path) == ["x.npz"]
    assert np.load(tmp_path / "x.npz")["a"].tolist() == [0, 1, 2]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    write_text(tmp_path / "link.txt", "new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_body_that_writes_nothing(tmp_path):
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a"):
        pass
    assert names(tmp_path) == []


def test_json(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"n": np.int64(3), "x": np.float32(0.5), "list": np.arange(2), "é": None})
    assert json.loads(path.read_text(encoding="utf-8")) == {"n": 3, "x": 0.5, "list": [0, 1], "é": None}
    assert path.read_bytes().endswith(b"}\n")
    old = path.read_bytes()
    with pytest.raises(TypeError, match="came set"):
        write_json(path, {"bad": {1, 2}})
    assert path.read_bytes() == old


def test_json_keeps_the_results_of_a_diverged_run(tmp_path):
    write_json(tmp_path / "a.json", {"kl": np.float32("inf"), "loss": float("nan")})
    read = json.loads((tmp_path / "a.json").read_text())
    assert read["kl"] == float("inf")
    assert read["loss"] != read["loss"]
