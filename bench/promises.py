"""What a measurement is held to: figures printed beside their bounds, and kept for the summary."""

from __future__ import annotations

import json
import os
from pathlib import Path

# `ansinh bench` names a file here, in which each module's promises are gathered.
SUMMARY_VARIABLE = "ANSINH_BENCH_SUMMARY"


def at_most(what: str, measured: float, bound: float, unit: str) -> None:
    """A figure that must not be larger than its bound; `unit` as printed: "MB", "times", "ms"."""
    _note(what, measured, bound, unit, "at most", measured <= bound)


def at_least(what: str, measured: float, bound: float, unit: str) -> None:
    """A figure that must not be smaller than its bound."""
    _note(what, measured, bound, unit, "at least", measured >= bound)


def _note(what: str, measured: float, bound: float, unit: str, relation: str, is_kept: bool) -> None:
    line = f"{_short(measured):>8} {unit:<6} {what} ({relation} {_short(bound)})"
    print(f"  {line}{'' if is_kept else '  <-- not kept'}", flush=True)
    summary = os.environ.get(SUMMARY_VARIABLE)
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"line": line, "is_kept": is_kept}) + "\n")


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 or number == int(number) else f"{number:.2f}"
