"""Sentences from figures: the templates are data, this fills them and never says more than is known.

A figure whose units did not all report gives no total: its sentence is replaced by one that says
who is missing, with the reporting units' own sum told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ingest.core.model import parse_breakdown
from ingest.core.period_labels import period_label
from publish.definition import Clause, ReportDefinition, Section, Sentence, UnitWords, Wording
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
        return {
            "period": inside_sentence(period_label(period)),
            "compared_with": self.wording.compared_with[period.kind].format(prior_year=period.year - 1),
            "province": self.data.province_short_name,
            "province_kind": self.data.province_kind,
            "units_word": ", ".join(self.data.unit_kinds),
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
        is_issuer_told = target.issuer != "" and len(self.target_issuers) > 1
        slots = {
            "target": self.value(figure, target.value, noun),
            # One issuer of all targets is named once, under the table of the headline figures.
            "issuer": self.phrase("target_issuer", issuer=target.issuer) if is_issuer_told else "",
        }
        judgement = judge(figure)
        attainment = self.attainment(figure)
        if attainment is not None and judgement in ("exceeded", "missed"):
            return self.phrase(f"target_{judgement}_by", pct=attainment, **slots)
        return self.phrase(f"target_{judgement}", **slots)

    @property
    def target_issuers(self) -> list[str]:
        """Who set the targets of this report, each once."""
        return list(dict.fromkeys(f.target.issuer for f in self.data.figures if f.target and f.target.issuer))

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

    def headline(self) -> list[Figure]:
        """The figures at the report's head, under the names that the definition gives them."""
        found = ((ref, self.data.figure(*ref.key)) for ref in self.definition.headline)
        return [
            replace(figure, indicator_name_vi=ref.title, breakdown_name_vi="") if ref.title else figure
            for ref, figure in found
            if figure
        ]

    # Sentences

    def sentence(self, sentence: Sentence) -> list[str]:
        """The written sentence, if its figure has a total; clauses without one are left out of it."""
        if sentence.parts:
            return self._parts(sentence)
        figure = self.data.figure(*sentence.key)
        if figure is None:
            return []
        others = [f for clause in sentence.clauses.values() if (f := self.data.figure(*clause.key))]
        if figure.total is None:
            return self.tell(others)
        if figure.total == 0 and not figure.change:
            return [self.phrase("zero", name=figure.label_vi)]
        clauses = {name: self._clause(clause) for name, clause in sentence.clauses.items()}
        slots = self._slots(figure, figure.total, sentence.noun)
        return [sentence.text.format(**self.common, **slots, **clauses)]

    def _lacking(self, sentences: Sequence[Sentence]) -> list[Figure]:
        """The figures that sentences name and that have no total, each once."""
        keys = (ref.key for s in sentences if not s.parts for ref in (s, *s.clauses.values()))
        found = (self.data.figure(*key) for key in dict.fromkeys(keys))
        return [figure for figure in found if figure and figure.total is None]

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

    def _parts(self, sentence: Sentence) -> list[str]:
        parts = list(self.categories(sentence.indicator, sentence.parts))
        if not any(f.total is not None for f in parts):
            return []
        words = [
            self.phrase("part_incomplete", name=self.part_name(sentence.parts, f))
            if f.total is None
            else self.phrase(
                "part", name=self.part_name(sentence.parts, f), value=self.value(f, f.total, sentence.noun)
            )
            for f in parts
        ]
        return [sentence.text.format(**self.common, parts="; ".join(words))]

    def categories(self, indicator_code: str, list_name: str) -> Iterator[Figure]:
        """An indicator's figures by the categories of one list, those inside another category left out."""
        return (
            f
            for f in self.data.figures
            if f.indicator_code == indicator_code
            and list(parse_breakdown(f.breakdown)) == [list_name]
            and not f.is_nested
        )

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
        """All sentences of a section: those it defines, what else its domains hold, then what is incomplete."""
        written = [text for sentence in section.sentences for text in self.sentence(sentence)]
        lacking = self.incomplete(self._lacking(section.sentences))
        if not section.is_rest_told:
            return [*written, *lacking]
        wholes, parts = self._untold(section)
        known = [group for group in parts if any(f.total is not None for f in group)]
        unknown = [f for group in parts if group not in known for f in group]
        told_by_parts = [self._parts_only(group) for group in known]
        return [*written, *self.tell(wholes), *told_by_parts, *lacking, *self._untotalled([*wholes, *unknown])]

    def _untold(self, section: Section) -> tuple[list[Figure], list[list[Figure]]]:
        """What no sentence names: figures of the whole, and by indicator the widest categories where it has none."""
        named = [ref for s in section.sentences for ref in (s, *s.clauses.values())]
        named_keys, named_indicators = {ref.key for ref in named}, {ref.indicator for ref in named}
        by_indicator: dict[str, list[Figure]] = {}
        for figure in self.data.figures_of(section.domains):
            if figure.indicator_code not in section.workbook_only:
                by_indicator.setdefault(figure.indicator_code, []).append(figure)
        wholes, parts = [], []
        for indicator_code, group in by_indicator.items():
            fewest = min(len(parse_breakdown(f.breakdown)) for f in group)
            widest = [f for f in group if len(parse_breakdown(f.breakdown)) == fewest and not f.is_nested]
            if not fewest:
                wholes += [f for f in widest if f.key not in named_keys]
            elif indicator_code not in named_indicators:
                parts.append(widest)
        return wholes, parts

    def _parts_only(self, group: Sequence[Figure]) -> str:
        items = [
            self.phrase("parts_only_incomplete", name=f.breakdown_name_vi)
            if f.total is None
            else self.phrase("parts_only_item", name=f.breakdown_name_vi, value=self.value(f, f.total))
            for f in group
        ]
        return self.phrase("parts_only", name=group[0].indicator_name_vi, parts="; ".join(items))


def judge(figure: Figure) -> str:
    """`met` (exactly), `exceeded`, `missed`, or `unjudged` where there is no target or the marts could not tell."""
    if figure.target is None or figure.target.is_met is None or figure.total is None:
        return "unjudged"
    if not figure.target.is_met:
        return "missed"
    return "met" if figure.total == figure.target.value else "exceeded"
