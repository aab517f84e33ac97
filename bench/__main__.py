"""`ansinh bench`: runs every measurement in this folder and says which promises were kept.

A measurement is a module with a `main()` that prints its table (`ansinh bench lists --lines 100` runs one alone). Each
runs in a process of its own, so that one's memory and imports are not another's. Names of modules as arguments
run only those: `ansinh bench lists`. Exit status 1 when one of them broke; a figure that misses its bound is
said and breaks nothing, since other work on the machine may be why.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.promises import SUMMARY_VARIABLE

HERE = Path(__file__).parent


def modules() -> list[str]:
    """The modules of this folder that have a `main()`, by name."""
    found = []
    for path in sorted(HERE.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        if "main" in names and path.stem != "__main__":
            found.append(path.stem)
    return found


def main(arguments: list[str]) -> int:
    """Runs the named measurements, all of them by default."""
    chosen = arguments or modules()
    unknown = sorted(set(chosen) - set(modules()))
    if unknown:
        print(f"no measurement {', '.join(unknown)}; there are: {', '.join(modules())}", file=sys.stderr)
        return 2
    outcomes: list[tuple[str, int, float, list[dict[str, object]]]] = []
    for name in chosen:
        print(f"==> bench: {name}", flush=True)
        with tempfile.NamedTemporaryFile(prefix="ansinh-bench-", suffix=".jsonl") as summary:
            started = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", f"bench.{name}"],
                cwd=HERE.parent,
                env={**os.environ, SUMMARY_VARIABLE: summary.name},
                check=False,
            )
            seconds = time.perf_counter() - started
            promises = [json.loads(line) for line in Path(summary.name).read_text(encoding="utf-8").splitlines()]
        outcomes.append((name, done.returncode, seconds, promises))
        print(flush=True)
    print("==> bench: summary")
    for name, status, seconds, promises in outcomes:
        print(f"{name}: {'done' if status == 0 else f'FAILED with status {status}'} in {seconds:.0f} s")
        for promise in promises:
            print(f"  {'kept    ' if promise['is_kept'] else 'NOT KEPT'} {promise['line']}")
    return 1 if any(status for _, status, _, _ in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
