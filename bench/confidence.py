"""Fits the weights of `ingest/narrative/confidence.py` over labelled reports and says what they are worth.

    ansinh bench confidence FOLDER... [--cut 0.95] > catalogue/lexicon/confidence.yml

A folder holds NAME.txt with NAME.csv beside it or in `expected/`, in the columns of
`tests/ingest/narrative/reports/`. A claim is right if its line states that value under that indicator.
Weights are fitted over all reports; what they are worth is told (to stderr) by folds that leave each report out.
What the folds find to be worth `--cut` becomes 0.9.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.core.catalogue import load_catalogue
from ingest.narrative import extract
from ingest.narrative.confidence import features

Floats = npt.NDArray[np.float64]
PENALTY = 3.0
REWORKED = 0.9


def reports(folders: list[Path]) -> Iterator[tuple[Path, Path]]:
    """The texts that have labels."""
    for folder in folders:
        for text in sorted(folder.glob("*.txt")):
            for labels in (text.with_suffix(".csv"), folder / "expected" / f"{text.stem}.csv"):
                if labels.exists():
                    yield text, labels
                    break


def claims(text: Path, labels: Path) -> tuple[list[dict[str, float]], list[bool], list[bool], int]:
    """The claims of a report: features, whether right, whether a core figure; and how many core figures there are."""
    with labels.open(encoding="utf-8-sig", newline="") as handle:
        expected = list(csv.DictReader(handle))
    open_rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for labelled in expected:
        open_rows[labelled["line"]].append(labelled)
    found, right, core = [], [], []
    result = extract(text.read_text(encoding="utf-8"), load_catalogue())
    for quantity, reading in zip(result.quantities, result.readings, strict=True):
        rows = open_rows[quantity.ref.split(":")[0].removeprefix("L")]
        same = [r for r in rows if math.isclose(float(r["value"]), float(quantity.value), rel_tol=1e-9)]
        same.sort(key=lambda r: r["indicator"] != quantity.indicator_code)
        row: dict[str, str] | None = same[0] if same else None
        if row is not None:
            rows.remove(row)
        if quantity.indicator_code:
            found.append(features(reading))
            right.append(row is not None and row["indicator"] == quantity.indicator_code)
            core.append(row is not None and row["is_core"] == "1")
    return found, right, core, sum(row["is_core"] == "1" for row in expected)


def fit(x: Floats, y: Floats) -> Floats:
    """Weights of a logistic model, intercept first, by Newton's method with a penalty on standardised weights."""
    mean, deviation = x.mean(0), x.std(0) + 1e-9
    z = np.c_[np.ones(len(x)), (x - mean) / deviation]
    weights = np.zeros(z.shape[1])
    penalty = np.diag([0.0, *[PENALTY] * x.shape[1]])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ weights))
        weights += np.linalg.solve(
            z.T @ (z * (p * (1 - p) + 1e-9)[:, None]) + penalty, z.T @ (y - p) - penalty @ weights
        )
    scaled = weights[1:] / deviation
    return np.asarray(np.r_[weights[0] - scaled @ mean, scaled])


def logits(weights: Floats, x: Floats) -> Floats:
    """The model's logit for each row."""
    return np.asarray(weights[0] + x @ weights[1:])


def main() -> None:
    """Prints the weights as YAML, and to stderr what they are worth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--cut", type=float, default=0.95, help="the fitted probability that becomes 0.9")
    args = parser.parse_args()
    found: list[dict[str, float]] = []
    right: list[bool] = []
    core: list[bool] = []
    report: list[int] = []
    count = 0
    for number, (text, labels) in enumerate(reports(args.folders)):
        f, r, c, n = claims(text, labels)
        found, right, core, count = found + f, right + r, core + c, count + n
        report += [number] * len(f)
    names = list(found[0])
    x, y = np.array([list(f.values()) for f in found]), np.array(right, float)
    is_core, of = np.array(core), np.array(report)
    shift = math.log(REWORKED / (1 - REWORKED)) - math.log(args.cut / (1 - args.cut))
    told = np.zeros(len(y))
    for left_out in set(report):
        told[of == left_out] = logits(fit(x[of != left_out], y[of != left_out]), x[of == left_out]) + shift
    sure = told >= math.log(REWORKED / (1 - REWORKED))
    worth = f"{y[sure].mean():.3f} of {sure.sum()} claims, {is_core[sure].sum() / count:.2f} of the core figures"
    print(f"left out: confidence >= {REWORKED} is right in {worth}", file=sys.stderr)
    weights = fit(x, y)
    print("# Fitted by bench/confidence.py; see ingest/narrative/confidence.py. With each report left out in turn,")
    print(f"# a confidence of {REWORKED} or more is right in {worth} ({max(report) + 1} reports).")
    print(f"intercept: {weights[0] + shift:.3f}")
    for name, weight in zip(names, weights[1:], strict=True):
        print(f"{name}: {weight:.3f}")


if __name__ == "__main__":
    main()
