"""Files of one JSON object a line, which grow while a run goes on."""

import json
from pathlib import Path


def append(path: Path, record: dict) -> None:
    """Adds one line; missing folders are made."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def read(path: Path) -> list[dict]:
    """The lines of a file, of one that is not there none; a line that was cut off in writing is left out."""
    lines = []
    for line in Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []:
        try:
            lines.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return lines
