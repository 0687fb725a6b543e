"""Peak memory of a call: what is the process's own, not pages of files that the system can drop."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_STATUS = Path("/proc/self/status")


def anonymous_bytes() -> int:
    """RssAnon of this process (Linux)."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * 1024


@contextlib.contextmanager
def peak_growth() -> Iterator[dict[str, float]]:
    """Gives a dict that holds `mib` afterwards: the largest growth seen, looked at every 2 ms."""
    before, found, done = anonymous_bytes(), {"mib": 0.0}, threading.Event()

    def watch():
        while not done.is_set():
            found["mib"] = max(found["mib"], (anonymous_bytes() - before) / 2**20)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        done.set()
        watcher.join()
