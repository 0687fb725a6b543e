"""What a benchmark ran on."""

import os
import platform
from pathlib import Path

from tfgan_suite.processor import instructions


def machine() -> dict:
    """Processor, cores, memory, what of the instruction set matters here, and versions."""
    information = Path("/proc/cpuinfo").read_text()
    fields = dict(line.split(":", 1) for line in information.split("\n\n")[0].splitlines() if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    return {
        "processor": fields.get("model name", platform.processor()),
        "instructions": [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f in instructions()],
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
    }
