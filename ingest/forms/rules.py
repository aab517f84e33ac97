"""A form's own rules applied to the figures of one submission: what does not hold, and which cell to mend.

Rules are data (`rules.yml` of each form, `catalogue/rules/every_form.yml` for all of them); what a rule says at one
place is a relation (`relations.py`). One mistake is one finding, however many rules it breaks (`suspects.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import yaml

from ingest.core.catalogue import Catalogue
from ingest.core.catalogue_files import RULES
from ingest.core.model import Finding, Severity
from ingest.core.periods import Period
from ingest.forms.layout import LaidOutTable, TableRow
from ingest.forms.register import every_form_rules
from ingest.forms.relations import Figure, Place, Relation, holds, relations_of, slot_value
from ingest.forms.schema import Form
from ingest.forms.slips import slip_texts
from ingest.forms.suspects import Mistake, Network, Suspect, mistakes_of

__all__ = ["CheckOutcome", "Figure", "broken_relations", "check_figures", "vietnamese_number"]

TEXTS_FILE = RULES / "rule_texts.yml"
_SEVERITIES: Sequence[Severity] = ("error", "warning", "info")
# Places that a finding names beside the one to mend.
_MOST_PLACES = 24


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """The findings of a form's rules, and the ids of the rules that were applied and held everywhere."""

    findings: list[Finding]
    passed: list[str]


@lru_cache(maxsize=1)
def _texts() -> Mapping[str, Mapping[str, str]]:
    return yaml.load(TEXTS_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # type: ignore[no-any-return]


def broken_relations(
    form: Form,
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    catalogue: Catalogue,
    period: Period | None = None,
) -> list[Relation]:
    """Every relation that does not hold, without asking which cell is to blame."""
    _, broken = _judged(form, tables, figures, catalogue, period)
    return broken


def _judged(
    form: Form,
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    catalogue: Catalogue,
    period: Period | None,
) -> tuple[list[Relation], list[Relation]]:
    relations = list(relations_of(form, every_form_rules(), tables, figures, catalogue, period))
    values = {place: figure.value for place, figure in figures.items()}
    return relations, [one for one in relations if not holds(one, values.__getitem__)]


def check_figures(
    form: Form,
    tables: Sequence[LaidOutTable],
    figures: Mapping[Place, Figure],
    catalogue: Catalogue,
    period: Period | None = None,
    is_formula: Callable[[str], bool] = lambda _ref: False,
) -> CheckOutcome:
    """Applies every rule of a form wherever the figures that it names were read.

    Args:
        form: whose rules are applied.
        tables: the form's tables as they are laid out for the unit.
        figures: what was read, by row and column.
        catalogue: code lists and legal rates.
        period: the submission's; without it nothing is compared with the law.
        is_formula: tells of a place in the file whether a formula stands there; asked only where a rule is broken.
    """
    relations, broken = _judged(form, tables, figures, catalogue, period)
    failed = {one.rule.id for one in broken}
    passed = list(dict.fromkeys(one.rule.id for one in relations if one.rule.id not in failed))
    order = {rule.id: number for number, rule in enumerate(form.rules)}
    passed = sorted((rule_id for rule_id in passed if rule_id in order), key=order.__getitem__)
    if not broken:
        return CheckOutcome([], passed)
    formulas = frozenset(place for place, figure in figures.items() if is_formula(figure.ref))
    network = Network(relations, figures, formulas, _shapes(tables))
    wording = _Wording(tables, figures, catalogue)
    found = [wording.finding(mistake, network) for mistake in mistakes_of(network)]
    found.sort(key=lambda one: (_SEVERITIES.index(one.severity), -len(one.also)))
    return CheckOutcome(found, passed)


def _shapes(tables: Sequence[LaidOutTable]) -> list[tuple[list[str], list[str]]]:
    """The rows and columns of each table that hold figures; several lines of a unit apart, totals left out."""
    found = []
    for laid_out in tables:
        columns = [leaf.key for leaf in laid_out.table.leaves if leaf.role == "value"]
        lines = list(dict.fromkeys(row.line.key if row.line else "" for row in laid_out.rows))
        by_line: list[str | None] = [*lines] if laid_out.table.has_unit_rows else [None]
        for line in by_line:
            rows = [
                row.key
                for row in laid_out.rows
                if not row.is_heading
                and not row.is_total
                and (line is None or (row.line.key if row.line else "") == line)
            ]
            found.append((rows, columns))
    return found


class _Wording:
    """Findings in words, for the tables of one submission."""

    def __init__(self, tables: Sequence[LaidOutTable], figures: Mapping[Place, Figure], catalogue: Catalogue) -> None:
        self._figures, self._catalogue = figures, catalogue
        self._rows = {row.key: _label(row) for one in reversed(tables) for row in one.rows}
        self._columns = {column.key: " - ".join(column.path) for one in reversed(tables) for column in one.table.leaves}

    def finding(self, mistake: Mistake, network: Network) -> Finding:
        """One finding for a mistake: the rule that it breaks first, the places, and what to look at."""
        first, *more = mistake.suspects
        broken = sorted(mistake.broken, key=lambda one: self._rank(one, first.place, network))
        main = broken[0]
        lhs, rhs = _sides(main, network)
        places = [one.place for one in more] + [
            place for place in main.places if place not in {one.place for one in mistake.suspects}
        ]
        difference = lhs - rhs if lhs is not None and rhs is not None else None
        vi, en = (self._message(language, main, broken, mistake, lhs, rhs) for language in ("vi", "en"))
        return Finding(
            rule_id=main.rule.id,
            severity=min((one.rule.severity for one in broken), key=_SEVERITIES.index),
            ref=self._figures[first.place].ref,
            refs=tuple(self._figures[place].ref for place in places if place in self._figures)[:_MOST_PLACES],
            lhs=lhs,
            rhs=rhs,
            difference=difference,
            message_vi=vi,
            message_en=en,
            also=tuple(dict.fromkeys(one.rule.id for one in broken if one.rule.id != main.rule.id)),
            right=first.right if len(mistake.suspects) == 1 else None,
        )

    def _rank(self, relation: Relation, suspect: Place, network: Network) -> tuple[bool, int, bool]:
        """What to say first: of an error, in which the cell itself stands, with few cells."""
        stands_in = any(place == suspect for slot in relation.slots for place, _ in slot)
        return (
            relation.shape == "sum" and relation.at in network.formulas,
            _SEVERITIES.index(relation.rule.severity),
            not stands_in,
        )

    def _message(
        self,
        language: str,
        main: Relation,
        broken: Sequence[Relation],
        mistake: Mistake,
        lhs: Decimal | None,
        rhs: Decimal | None,
    ) -> str:
        texts, rule = _texts(), main.rule
        name, mend = (rule.name_vi, rule.mend_vi) if language == "vi" else (rule.name_en, rule.mend_en)
        number = vietnamese_number if language == "vi" else english_number
        numbers = {"lhs": lhs, "rhs": rhs, "difference": None if lhs is None or rhs is None else lhs - rhs}
        values = {key: number(value) for key, value in numbers.items() if value is not None}
        row, column = self._name(main.at)
        bound = " … ".join("" if one is None else number(round(one, 2)) for one in (main.low, main.high))
        kind = texts[rule.kind]
        what = kind[language].format_map({"rule": name, "row": row, "column": column, "bound": bound, **values})
        parts = [what, mend or kind[f"mend_{language}"], self._to_mend(language, main, mistake)]
        more = [r for r in dict.fromkeys(one.rule for one in broken) if r is not rule]
        if more:
            names = "; ".join(f"{r.id} {r.name_vi if language == 'vi' else r.name_en}" for r in more[:4])
            parts.append(texts["also"][language].format(names=names + (" …" if len(more) > 4 else "")))
        return " ".join(part for part in parts if part)

    def _to_mend(self, language: str, main: Relation, mistake: Mistake) -> str:
        """Which cell, and what may have happened there."""
        texts = _texts()
        if mistake.pattern:
            named = [self._rows.get(key) or self._columns.get(key) or key for key in mistake.named]
            values = dict(zip(("first", "second"), [*named, ""], strict=False)) | {"factor": named[-1]}
            hint = slip_texts()[mistake.pattern][language].format_map(values)  # type: ignore[index]
            return texts["pattern"][language].format(hint=hint)
        suspect = mistake.suspects[0]
        row, column = self._name(suspect.place)
        hint = self._hint(language, suspect)
        if suspect.place == main.at and not hint:
            return ""
        where = {"ref": self._figures[suspect.place].ref, "row": row, "column": column, "hint": hint}
        said = texts["suspect" if hint else "suspect_bare"][language].format_map(where)
        return said if not mistake.others else f"{said} {self._others(language, mistake.others)}"

    def _hint(self, language: str, suspect: Suspect) -> str:
        number = vietnamese_number if language == "vi" else english_number
        typed = self._figures[suspect.place].value
        if suspect.slip is not None:
            text = slip_texts()[suspect.slip.kind][language]
            return text.format(typed=number(typed), right=number(suspect.slip.right))
        if suspect.right is not None:
            return _texts()["right"][language].format(typed=number(typed), right=number(suspect.right))
        return ""

    def _others(self, language: str, others: Sequence[Place]) -> str:
        return _texts()["others"][language].format(refs=", ".join(self._figures[place].ref for place in others))

    def _name(self, place: Place) -> tuple[str, str]:
        return self._rows.get(place[0], place[0]), self._columns.get(place[1], place[1])


def _sides(relation: Relation, network: Network) -> tuple[Decimal | None, Decimal | None]:
    """The two numbers that a relation compares."""
    values = [slot_value(slot, network.value_of) for slot in relation.slots]
    match relation.shape:
        case "ratio":
            stated, numerator, denominator = values
            return stated, round(100 * numerator / denominator, 4) if denominator else None
        case "per":
            return (round(values[0] / values[1], 2) if values[1] else values[0]), None
        case "together":
            return values[0], values[1]
        case "sum" if relation.sides is not None:
            left, right = (slot_value(slot, network.value_of) for slot in relation.sides)
            return left, right
        case _:
            return values[0], None


def _label(row: TableRow) -> str:
    is_line_of_unit = row.line is not None and row.line.label != row.label
    return f"{row.label}, {row.line.label}" if row.line is not None and is_line_of_unit else row.label


def vietnamese_number(value: Decimal) -> str:
    """A number as Vietnamese offices write it: `1.234,5`."""
    return english_number(value).translate(str.maketrans(",.", ".,"))


def english_number(value: Decimal) -> str:
    """A number with commas between thousands: `1,234.5`."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
