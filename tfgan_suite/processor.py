"""What this machine's processor can do."""

from pathlib import Path

# What Linux calls the instructions that multiply bfloat16.
BFLOAT16 = {"avx512_bf16", "amx_bf16"}
# With them oneDNN's kernels gave equal bits in every run (docs/platform.md); with AVX2 alone some did not.
EQUAL_BITS = "avx512_vnni"


def instructions() -> frozenset[str]:
    """As Linux names them; none elsewhere."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return frozenset()
    flags = next((line for line in text.splitlines() if line.startswith(("flags", "Features"))), "")
    return frozenset(flags.partition(":")[2].split())


def onednn_keeps_bits() -> bool:
    """Whether equal runs give equal bits with oneDNN's kernels too, as measured."""
    return EQUAL_BITS in instructions()
