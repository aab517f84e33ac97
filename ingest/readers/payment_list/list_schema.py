"""What the definition of a payment list may say.

A list is a form (`form.yml`, and `vNN.yml` for the days on which a version is valid) whose versions
each have a `vNN.list.yml` beside them: columns, words of the categories, legal rates, figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.core.catalogue_files import FORMS
from ingest.forms import load_form
from ingest.forms.schema import ColumnNode, Form, Table, UnitRows, Version
from ingest.forms.yaml_file import read_yaml

# What the reader knows to do something with; a definition gives these keys their headings.
ColumnKey = Literal[
    "number", "name", "given_name", "birth", "birth_male", "birth_female", "birth_day",
    "birth_month", "birth_year", "sex", "identity", "commune", "address", "category",
    "injury_pct", "start", "coefficient", "monthly", "months", "arrears_months", "arrears", "late_months", "late",
    "recovery", "amount", "remark", "payment_method", "account",
]  # fmt: skip
REQUIRED_COLUMNS: tuple[ColumnKey, ...] = ("name", "amount")
# A sheet that has one of these beside others of a list is one of persons, whatever else it is.
PERSONAL_COLUMNS: frozenset[ColumnKey] = frozenset({"name", "identity"})

_PASSED_OVER = "passed_over_"


class _Strict(BaseModel):
    """Unknown fields are errors: a field written wrongly must not be passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Ages(_Strict):
    """The ages in full years that the law ties to a category."""

    from_age: int | None = Field(default=None, ge=0, le=120)
    below_age: int | None = Field(default=None, ge=1, le=120)

    @model_validator(mode="after")
    def _has_some_age(self) -> Self:
        if self.from_age is not None and self.below_age is not None and self.below_age <= self.from_age:
            raise ValueError("below_age must be greater than from_age")
        return self


class LaterAges(Ages):
    """The ages since a day on which the law changed them."""

    valid_from: date


class CategoryWords(Ages):
    """How a category is written in lists, and the ages that the law ties to it: `later` ones since their day."""

    words: tuple[str, ...] = Field(min_length=1)
    later: tuple[LaterAges, ...] = ()

    def ages_on(self, day: date) -> Ages:
        """The ages that the law ties to the category on a day."""
        return next((ages for ages in reversed(self.later) if ages.valid_from <= day), self)


class RateRule(_Strict):
    """What one month has to be at least: a rate of `rates.csv`, or a coefficient of it `times` another.

    Without `category` the rate's categories are the list's own. `rate_category` may hold
    `{injury_pct:03d}`; where it is absent all categories of the rate are possible.
    """

    rate: str
    category: str | None = None
    rate_category: str | None = None
    times: str | None = None
    injury_pct: tuple[int, int] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.rate_category is not None and self.category is None:
            raise ValueError("rate_category needs category")
        if self.rate_category is not None and "{injury_pct" in self.rate_category and self.injury_pct is None:
            raise ValueError("{injury_pct} in rate_category needs injury_pct: [from, to]")
        if self.injury_pct is not None and not 1 <= self.injury_pct[0] <= self.injury_pct[1] <= 100:
            raise ValueError("injury_pct is a range from 1 to 100 at most")
        return self


Measured = Literal["persons", "regular_amount", "arrears_amount"]
Grouping = Literal["whole", "category", "sex", "payment_method"]


class FigureRule(_Strict):
    """A figure that the list adds up to, for the reporting unit and (whole, category) for each commune.

    `persons` counts each person once; `regular_amount` is what was paid without arrears.
    """

    indicator: str
    of: Measured
    breakdown: dict[str, str] = {}
    by: tuple[Grouping, ...] = Field(min_length=1)


class ListVersion(_Strict):
    """`vNN.list.yml`.

    `title_words` tell the list by its title; a title with one of `other_lists` is that of another kind
    of list. `passed_over` are headings of columns that are known and not read. `sole_category` says that
    a person is paid in one category at a time, those of `added_to_others` aside.
    """

    title_vi: str
    title_en: str
    title_words: tuple[str, ...] = Field(min_length=1)
    other_lists: tuple[str, ...] = ()
    columns: tuple[ColumnNode, ...] = Field(min_length=1)
    passed_over: tuple[str, ...] = ()
    category_list: str
    categories: dict[str, CategoryWords] = Field(min_length=1)
    rates: tuple[RateRule, ...] = ()
    coefficient_of: str | None = None
    plausible_multiple: Annotated[float, Field(gt=1)]
    sole_category: bool = False
    added_to_others: tuple[str, ...] = ()
    figures: tuple[FigureRule, ...] = Field(min_length=1)


@dataclass(frozen=True, eq=False)
class PaymentListForm:
    """A version of a list with the form that it belongs to."""

    form: Form
    version: Version
    layout: ListVersion

    @cached_property
    def table(self) -> Table:
        """Its columns as the form reader knows them, to be found by the same rules; passed-over ones at the end."""
        known = tuple(
            ColumnNode(key=f"{_PASSED_OVER}{index}", label=label, optional=True)
            for index, label in enumerate(self.layout.passed_over)
        )
        return Table(
            code="DANH_SACH",
            title_vi=self.layout.title_vi,
            title_en=self.layout.title_en,
            rows=UnitRows(kind="units"),
            columns=(*self.layout.columns, *known),
        )


def is_passed_over(key: str) -> bool:
    """Whether a column's key stands for a column that is known and not read."""
    return key.startswith(_PASSED_OVER)


@lru_cache(maxsize=4)
def load_lists(folder: Path = FORMS) -> Mapping[str, tuple[PaymentListForm, ...]]:
    """Every list's versions, oldest first, by the form's code.

    Raises:
        ingest.forms.DefinitionError: a file does not fit the schema. What fits the schema but not the
            catalogue is found by `ansinh forms validate`.
    """
    lists: dict[str, list[PaymentListForm]] = {}
    forms: dict[Path, Form] = {}
    for path in list_files(folder):
        form = forms.setdefault(path.parent, load_form(path.parent))
        version = form.version(path.name.split(".")[0])
        if version is not None:
            layout = read_yaml(path).parse(ListVersion)
            lists.setdefault(form.code, []).append(PaymentListForm(form, version, layout))
    return {code: tuple(versions) for code, versions in lists.items()}


def list_files(folder: Path = FORMS) -> list[Path]:
    """The definitions of all lists."""
    return sorted(folder.glob("*/v[0-9][0-9].list.yml"))
