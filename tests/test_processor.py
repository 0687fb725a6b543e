"""What is read of the processor."""

import pytest

from tfgan_suite import processor

X86 = "processor\t: 0\nmodel name\t: X\nflags\t\t: fpu avx2 {more}\n\nprocessor\t: 1\nflags\t\t: fpu other\n"


@pytest.fixture
def cpuinfo(monkeypatch, tmp_path):
    monkeypatch.setattr(processor, "Path", lambda _: tmp_path / "cpuinfo")
    return tmp_path / "cpuinfo"


@pytest.mark.parametrize(("more", "keeps"), [("avx512_vnni", True), ("avx512f avx_vnni", False)])
def test_flags_of_the_first_core(cpuinfo, more, keeps):
    cpuinfo.write_text(X86.format(more=more))
    assert processor.instructions() == {"fpu", "avx2", *more.split()}
    assert processor.onednn_keeps_bits() is keeps


def test_arm_calls_them_features_and_elsewhere_nothing_is_known(cpuinfo):
    assert processor.instructions() == frozenset()
    cpuinfo.write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert processor.instructions() == {"fp", "asimd"}
    assert not processor.onednn_keeps_bits()
