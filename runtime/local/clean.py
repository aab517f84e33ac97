"""`make clean`: deletes what the project wrote, and nothing else that may lie in the same folders.

Runs on the standard library alone, after `ansinh services remove`, so that a broken environment can be cleaned as
well. Of ANSINH_HOME only the names that the project makes are deleted (`runtime/places.py`), and only where the
folder bears the project's mark.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from runtime.places import DEFAULT_HOME, MARK, PROJECT, made_in_home

IN_PROJECT = (
    *(".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"),
    *("dbt_project/target", "dbt_project/logs"),
)


def main() -> int:
    """Deletes and names each thing deleted; 1 where something could not be."""
    home = Path(os.environ.get("ANSINH_HOME") or DEFAULT_HOME).expanduser().resolve()
    doomed = [PROJECT / name for name in IN_PROJECT]
    if home == DEFAULT_HOME or (home / MARK).exists():
        # The mark last: a deletion that was cut short goes on the next time.
        doomed += [home / name for name in (*made_in_home(), MARK)]
    elif home.is_dir():
        print(f"ANSINH_HOME={home} was not made by An Sinh and is left as it is")
    doomed += [path for path in PROJECT.rglob("__pycache__") if ".venv" not in path.parts]
    try:
        for path in doomed:
            if os.path.lexists(path):
                _delete(path)
        if home in {path.parent for path in doomed} and home.is_dir() and not any(home.iterdir()):
            home.rmdir()
    except OSError as error:
        print(f"error: {error.filename} cannot be deleted: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _delete(path: Path) -> None:
    if path.name != "__pycache__":
        print(f"deleting {path}")
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


if __name__ == "__main__":
    sys.exit(main())
