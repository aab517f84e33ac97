"""Lines that may be one person's, found without keeping a name or a number.

Lines are compared only within blocks that share the pseudonym of name and year of birth, and the category
(blocking, as in record linkage). Of an identity number four keyed marks are kept, one for each group of three
digits: two numbers that differ in one digit have three marks in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.readers.payment_list.field_values import NINE, NINE_RESTORED, TWELVE, TWELVE_RESTORED, years
from ingest.readers.payment_list.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from ingest.readers.payment_list.list_lines import Lines

_GROUPS, _GROUP_DIGITS = 4, 3
_TWELVE_DIGITS = _GROUPS * _GROUP_DIGITS
# So many persons are paid to one account only where somebody collects for others.
MOST_PER_ACCOUNT = 5


class IdentityMarks:
    """Keyed marks of the groups of digits of identity numbers, 16 bits each."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._marks = _marks_of_groups(pseudonyms)

    def of(self, identities: Sequence[str]) -> NDArray[np.uint64]:
        """The four marks of each number of twelve digits, 0 for any other."""
        found = np.zeros(len(identities), dtype=np.uint64)
        places = [n for n, text in enumerate(identities) if len(text) == _TWELVE_DIGITS and text.isdecimal()]
        if not places:
            return found
        text = "".join(identities[n] for n in places).encode()
        digits = np.frombuffer(text, dtype=np.uint8).reshape(-1, _GROUPS, _GROUP_DIGITS).astype(np.int64) - ord("0")
        numbers = digits @ np.array([100, 10, 1])
        marks = np.zeros(len(places), dtype=np.uint64)
        for group in range(_GROUPS):
            marks |= self._marks[group, numbers[:, group]] << np.uint64(16 * group)
        found[np.array(places)] = marks
        return found


@lru_cache(maxsize=2)
def _marks_of_groups(pseudonyms: Pseudonyms) -> NDArray[np.uint64]:
    """The mark of each number of each group: made once under a key, as lists are read by the hundred."""
    count = 10**_GROUP_DIGITS
    texts = [f"group {group}:{number:03d}" for group in range(_GROUPS) for number in range(count)]
    digests = pseudonyms.digests("identity", texts)
    marks = np.frombuffer(b"".join(digest[:2] for digest in digests), dtype="<u2").astype(np.uint64)
    # None of them is 0, which stands for no number.
    return np.maximum(marks, np.uint64(1)).reshape(_GROUPS, count)


@dataclass(frozen=True, slots=True)
class SamePerson:
    """The lines that may be a person's who stands on an earlier line, by why: an array of places each.

    `other_card` has a number of nine digits where the other has twelve, `no_number` is a pair of which one has no
    number, `nearly` has numbers that differ in a digit or two, `other_number` has another number altogether but the
    same month of birth.
    """

    other_card: NDArray[np.bool_]
    no_number: NDArray[np.bool_]
    nearly: NDArray[np.bool_]
    other_number: NDArray[np.bool_]


_MOST_PAIRS_OF_A_LINE = 50


def find_same_persons(lines: Lines) -> SamePerson:
    """Compares the lines of each block with those before them."""
    count = len(lines)
    found = SamePerson(*(np.zeros(count, dtype=bool) for _ in range(4)))
    chosen = np.flatnonzero(lines.has_name & (years(lines.birth) > 0))
    if not chosen.size:
        return found
    order = chosen[np.lexsort((chosen, lines.category[chosen], lines.person_code[chosen]))]
    for back in range(1, _MOST_PAIRS_OF_A_LINE):
        earlier, later = order[:-back], order[back:]
        same = (lines.person_code[earlier] == lines.person_code[later]) & (
            lines.category[earlier] == lines.category[later]
        )
        if not same.any():
            break
        _compare(lines, earlier[same], later[same], found)
    return found


def _compare(lines: Lines, earlier: NDArray[np.int64], later: NDArray[np.int64], found: SamePerson) -> None:
    one, other = lines.identity_code[earlier], lines.identity_code[later]
    # A birth of which the month is known on both lines, and differs, is another person's.
    months = (lines.birth[earlier] % 16, lines.birth[later] % 16)
    is_born_alike = (months[0] == months[1]) | (months[0] == 0) | (months[1] == 0)
    has_month = (months[0] == months[1]) & (months[0] > 0)
    lacks_one = (one == 0) != (other == 0)
    differs = (one != 0) & (other != 0) & (one != other) & is_born_alike
    kinds = lines.identity_kind
    is_twelve = [np.isin(kinds[places], (TWELVE, TWELVE_RESTORED)) for places in (earlier, later)]
    is_nine = [np.isin(kinds[places], (NINE, NINE_RESTORED)) for places in (earlier, later)]
    other_card = differs & ((is_twelve[0] & is_nine[1]) | (is_nine[0] & is_twelve[1]))
    nearly = differs & (_common_groups(lines.identity_parts[earlier], lines.identity_parts[later]) >= _GROUPS - 1)
    for mask, where in (
        (found.other_card, other_card),
        (found.no_number, lacks_one & is_born_alike),
        (found.nearly, nearly & ~other_card),
        (found.other_number, differs & has_month & ~other_card & ~nearly),
    ):
        mask[later[where]] = True


def _common_groups(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.int64]:
    differing = one ^ other
    common = np.zeros(len(one), dtype=np.int64)
    for group in range(_GROUPS):
        common += ((differing >> np.uint64(16 * group)) & np.uint64(0xFFFF)) == 0
    return np.where((one == 0) | (other == 0), 0, common)


def crowded_accounts(lines: Lines) -> NDArray[np.bool_]:
    """The lines whose account more than a few different persons are paid to."""
    has_account = lines.account_code != 0
    crowded = np.zeros(len(lines), dtype=bool)
    if not has_account.any():
        return crowded
    who = np.where(lines.identity_code != 0, lines.identity_code, lines.person_code)
    pairs = np.unique(np.stack([lines.account_code[has_account], who[has_account]]), axis=1)
    accounts, persons = np.unique(pairs[0], return_counts=True)
    many = accounts[persons > MOST_PER_ACCOUNT]
    crowded |= has_account & np.isin(lines.account_code, many)
    return crowded
