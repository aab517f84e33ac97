"""Sentences from figures: the templates are data, this fills them and never says more than is known.

A figure whose units did not all report gives no total: its sentence is replaced by one that says
who is missing, with the reporting units' own sum told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ingest.forms.periods_vi import period_label
from ingest.model import parse_breakdown
from publish.definition import Clause, ReportDefinition, Section, Statement, UnitWords, Wording
from publish.format_vi import format_money, format_number, inside_sentence, join_words
from publish.model import Figure, ReportData

# Tables and charts show money in triệu đồng.
MILLION = Decimal(10) ** 6

# How many units a sentence names before it says "and n others".
NAMED_UNITS = 8


@dataclass(frozen=True, slots=True)
class Speaker:
    """Writes about one `ReportData` in the words of one definition."""

    data: ReportData
    definition: ReportDefinition

    @property
    def wording(self) -> Wording:
        """The shared phrases."""
        return self.definition.wording

    @property
    def common(self) -> dict[str, str]:
        """The slots that any sentence may name."""
        period = self.data.period
        level = self.data.units[0].level if self.data.units else ""
        return {
            "period": inside_sentence(period_label(period)),
            "compared_with": self.wording.compared_with[period.kind].format(prior_year=period.year - 1),
            "province": self.data.province_short_name,
            "province_kind": self.data.province_kind,
            "units_word": self.wording.unit_levels.get(level, "đơn vị"),
        }

    def phrase(self, key: str, /, **slots: str) -> str:
        """One of the shared phrases, filled."""
        return self.wording.phrases[key].format(**{**self.common, **slots})

    # Values

    def unit_words(self, figure: Figure) -> UnitWords:
        """How values of a figure's unit are written; an unit that the wording lacks takes the catalogue's name."""
        name = figure.unit_of_measure_name_vi.split(";")[0].strip() or figure.unit_of_measure
        return self.wording.units.get(figure.unit_of_measure) or UnitWords(noun=name, column=name.capitalize())

    def value(self, figure: Figure, value: Decimal, noun: str = "") -> str:
        """A value with its unit: `470 hộ`, `1,68%`, `16,73 tỷ đồng`."""
        words = self.unit_words(figure)
        if words.kind == "money":
            return format_money(value)
        if words.kind == "rate":
            return f"{format_number(value, 2, trim=True)}{words.noun}"
        if words.kind == "points":
            return f"{format_number(value, 2, trim=True)} {words.noun}"
        return f"{format_number(value)} {noun or words.noun}"

    def change_value(self, figure: Figure, change: Decimal, noun: str = "") -> str:
        """A change with its unit; the change of a rate is in percentage points."""
        if self.unit_words(figure).kind == "rate":
            points = self.wording.units["percentage_point"].noun
            return f"{format_number(change, 2, trim=True)} {points}"
        return self.value(figure, change, noun)

    def table_value(self, figure: Figure, value: Decimal) -> Decimal:
        """The value in the unit that a table's column names: money in triệu đồng, unrounded."""
        return value / MILLION if self.unit_words(figure).kind == "money" else value

    # Parts of sentences

    def change(self, figure: Figure, noun: str = "") -> str:
        """`, tăng 120 người (4,5%) so với năm 2022`; nothing where there is nothing to compare with."""
        if figure.change is None:
            return ""
        if figure.change == 0:
            return self.phrase("same")
        amount = self.change_value(figure, abs(figure.change), noun)
        if amount.split(" ")[0] == "0":
            return self.phrase("hardly_changed")
        share = ""
        if figure.change_pct is not None and self.unit_words(figure).kind in ("count", "money"):
            pct = format_number(abs(figure.change_pct), 2, trim=True)
            share = self.phrase("share", pct=pct) if pct != "0" else ""
        return self.phrase("rise" if figure.change > 0 else "fall", amount=amount, share=share)

    def target(self, figure: Figure, noun: str = "") -> str:
        """How far the target was reached; nothing where none was set."""
        target = figure.target
        if target is None:
            return ""
        slots = {
            "target": self.value(figure, target.value, noun),
            "issuer": self.phrase("target_issuer", issuer=target.issuer) if target.issuer else "",
        }
        judgement = judge(figure)
        attainment = self.attainment(figure)
        if attainment is not None and judgement in ("exceeded", "missed"):
            return self.phrase(f"target_{judgement}_by", pct=attainment, **slots)
        return self.phrase(f"target_{judgement}", **slots)

    def attainment(self, figure: Figure) -> str | None:
        """The share of the target that was reached in percent, where a share says something.

        A share of a rate confuses, and so does one where less is better.
        """
        target = figure.target
        if target is None or target.attainment_pct is None or figure.total is None:
            return None
        is_more_better = target.is_met == (figure.total >= target.value)
        if self.unit_words(figure).kind in ("rate", "points") or not is_more_better:
            return None
        return format_number(target.attainment_pct, 1, trim=True)

    def judgement_word(self, figure: Figure) -> str:
        """`Đạt`, `Vượt`, `Chưa đạt`, or nothing where it was not judged."""
        judgement = judge(figure)
        return "" if judgement == "unjudged" else self.phrase(f"judged_{judgement}")

    def incomplete_cell(self, figure: Figure) -> str:
        """What stands in a table where the total would stand."""
        if figure.is_complete or not figure.units_reported:
            return self.phrase("absent_cell")
        return self.phrase("incomplete_cell", reported=str(figure.units_reported), expected=str(figure.units_expected))

    def unit_list(self, names: Sequence[str]) -> str:
        """The names of units inside a sentence ("huyện Đắk Mil"), the first ones where there are many."""
        return join_words([inside_sentence(name) for name in names], NAMED_UNITS, self.wording.phrases["others"])

    # Sentences

    def statement(self, statement: Statement) -> list[str]:
        """The sentences of a statement: none where the marts hold no such figure."""
        figure = self.data.figure(*statement.key)
        if figure is None:
            return []
        if statement.parts:
            return self._parts(statement, figure)
        others = [f for clause in statement.clauses.values() if (f := self.data.figure(*clause.key))]
        if figure.total is None:
            return [*self.incomplete([f for f in (figure, *others) if f.total is None]), *self.tell(others)]
        clauses = {name: self._clause(clause) for name, clause in statement.clauses.items()}
        slots = self._slots(figure, figure.total, statement.noun)
        sentence = statement.text.format(**self.common, **slots, **clauses)
        return [sentence, *self.incomplete([f for f in others if f.total is None])]

    def _clause(self, clause: Clause) -> str:
        figure = self.data.figure(*clause.key)
        if figure is None or figure.total is None:
            return ""
        return clause.text.format(**self.common, **self._slots(figure, figure.total, clause.noun))

    def _slots(self, figure: Figure, total: Decimal, noun: str) -> dict[str, str]:
        return {
            "name": figure.label_vi,
            "value": self.value(figure, total, noun),
            "change": self.change(figure, noun),
            "target": self.target(figure, noun),
        }

    def _parts(self, statement: Statement, whole: Figure) -> list[str]:
        parts = [
            f
            for f in self.data.figures
            if f.indicator_code == statement.indicator
            and list(parse_breakdown(f.breakdown)) == [statement.parts]
            and not f.is_nested
        ]
        if not parts or whole.total is None:
            return []
        words = [
            self.phrase("part_incomplete", name=self.part_name(statement.parts, f))
            if f.total is None
            else self.phrase(
                "part", name=self.part_name(statement.parts, f), value=self.value(f, f.total, statement.noun)
            )
            for f in parts
        ]
        slots = self._slots(whole, whole.total, statement.noun)
        return [statement.text.format(**self.common, **slots, parts="; ".join(words))]

    def part_name(self, list_name: str, figure: Figure) -> str:
        """A category's name inside an enumeration or a chart."""
        code = parse_breakdown(figure.breakdown)[list_name]
        short = next((p.name for p in self.wording.part_names if (p.list, p.code) == (list_name, code)), None)
        return short or figure.breakdown_name_vi

    def tell(self, figures: Sequence[Figure]) -> list[str]:
        """Plain sentences for figures that no template names."""
        return [self.phrase("plain", **self._slots(f, total, "")) for f in figures if (total := f.total) is not None]

    def _untotalled(self, figures: Sequence[Figure]) -> Iterator[str]:
        """One sentence for all of them: who reported what of them stands in the workbook."""
        items = [
            self.phrase(
                "untotalled_item",
                name=figure.label_vi,
                reported=str(figure.units_reported),
                expected=str(figure.units_expected),
            )
            for figure in figures
            if figure.total is None and figure.units_expected
        ]
        if items:
            yield self.phrase("untotalled", items="; ".join(items))

    def incomplete(self, figures: Sequence[Figure]) -> list[str]:
        """Says of figures without a total who is missing, those with the same gap in one sentence."""
        groups: dict[tuple[int, int, tuple[str, ...]], list[Figure]] = {}
        for figure in figures:
            groups.setdefault((figure.units_reported, figure.units_expected, figure.units_missing), []).append(figure)
        return [self._incomplete_group(group) for group in groups.values()]

    def _incomplete_group(self, group: Sequence[Figure]) -> str:
        first = group[0]
        names = "; ".join(figure.label_vi for figure in group)
        if first.units_reported == 0:
            return self.phrase("absent", names=names)
        if first.is_complete:
            return self.phrase("not_computable", names=names)
        sums = [(f, self.value(f, f.value_partial)) for f in group if f.value_partial is not None and f.is_sum]
        partials = [
            value if len(group) == 1 else self.phrase("incomplete_partial_item", name=f.label_vi, value=value)
            for f, value in sums
        ]
        missing = self.unit_list(first.units_missing)
        return self.phrase(
            "incomplete",
            names=names,
            reported=str(first.units_reported),
            expected=str(first.units_expected),
            missing=self.phrase("incomplete_missing", missing=missing) if missing else "",
            partial=self.phrase("incomplete_partial", partials="; ".join(partials)) if partials else "",
        )

    def section(self, section: Section) -> list[str]:
        """All sentences of a section: its statements, then what else its domains hold."""
        sentences = [text for statement in section.statements for text in self.statement(statement)]
        if section.is_rest_told:
            rest = list(self._untold(section))
            sentences += [*self.tell(rest), *self._untotalled(rest)]
        return sentences

    def _untold(self, section: Section) -> Iterator[Figure]:
        told = {s.key for s in section.statements} | {c.key for s in section.statements for c in s.clauses.values()}
        return (f for f in self.data.figures_of(section.domains) if not f.breakdown and f.key not in told)


def judge(figure: Figure) -> str:
    """`met` (exactly), `exceeded`, `missed`, or `unjudged` where there is no target or the marts could not tell."""
    if figure.target is None or figure.target.is_met is None or figure.total is None:
        return "unjudged"
    if not figure.target.is_met:
        return "missed"
    return "met" if figure.total == figure.target.value else "exceeded"
