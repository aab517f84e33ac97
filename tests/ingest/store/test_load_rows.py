"""What is loaded is what was read: every field of every row, whatever characters it holds, or nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import psycopg
import pytest

from ingest.core.model import Finding, Observation, ReadSubmission
from ingest.store import load, registry
from tests.conftest import Database

pytestmark = pytest.mark.database

# What a sheet's or a report's text may hold: ends of fields and rows, quotes, marks of nothing, letters of anywhere.
PIECES = (
    "470 hộ", "\t", "\n", "\r\n", "\\", "\\N", "\\.", '"', "'", "{", "}", ",", ";", "|", "NULL", "null", " ", "€", "𝟙",
    "Đắk R'Lấp", "\u00a0", "\u200b", "\x1c", "\0", "=1+1", "%s", "$1", "--", "/*",
)  # fmt: skip
# Postgres stores it nowhere.
LOST = str.maketrans("", "", "\0")


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection]:
    with database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


def deliver(connection: psycopg.Connection, digest: str) -> None:
    with connection.transaction():
        registry.register_delivery(
            connection, sha256=digest, size_bytes=1, archive_path=Path("a"), source_path=digest, channel="inbox"
        )


def text(drawn: Random) -> str:
    return "".join(drawn.choice(PIECES) for _ in range(drawn.randrange(1, 6)))


def observation(drawn: Random, number: int) -> Observation:
    return Observation(
        ref=f"{text(drawn)}!C{number}",
        raw=text(drawn),
        value=Decimal(drawn.randrange(-(10**9), 10**12)).scaleb(-drawn.randrange(7)),
        unit_of_measure="household",
        indicator_code="poor_households",
        unit_id="663@base",
        period="2023",
        breakdown=drawn.choice(("", "ethnicity=kinh", "ethnicity=minority")),
        measure=drawn.choice(("actual", "target", "plan")),
        qualifier=drawn.choice(("exact", "about", "over")),
        confidence=round(drawn.random(), 4),
        as_of=drawn.choice((None, date(2023, 12, 31), date(2024, 2, 29))),
        issuer=text(drawn),
        refs=tuple(text(drawn) for _ in range(drawn.randrange(3))),
    )


def submission(observations: list[Observation], findings: list[Finding] | None = None) -> ReadSubmission:
    return ReadSubmission(
        "poverty_review", "v01", "form", "663@base", "2023", observations=observations, findings=findings or []
    )


@pytest.mark.parametrize("seed", range(8))
def test_every_field_of_an_observation_arrives_as_it_was_read(connection: psycopg.Connection, seed: int) -> None:
    drawn = Random(seed)
    read = [observation(drawn, number) for number in range(drawn.randrange(1, 25))]
    deliver(connection, "a" * 64)
    assert load.load_submission(connection, "a" * 64, submission(read), "1") == "accepted"
    rows = connection.execute(
        """
        select ref, raw, value, unit_of_measure, indicator_code, unit_id, period, breakdown, measure, qualifier,
            confidence::text, as_of, issuer, refs
        from staging.observation
        """
    ).fetchall()
    expected = [
        (
            o.ref.translate(LOST), o.raw.translate(LOST), o.value, o.unit_of_measure, o.indicator_code, o.unit_id,
            o.period, o.breakdown, o.measure, o.qualifier, Decimal(str(o.confidence)), o.as_of,
            o.issuer.translate(LOST), [ref.translate(LOST) for ref in o.refs],
        )
        for o in read
    ]  # fmt: skip
    found = [(*row[:10], Decimal(row[10]), *row[11:]) for row in rows]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize("seed", range(4))
def test_every_field_of_a_finding_arrives_as_it_was_found(connection: psycopg.Connection, seed: int) -> None:
    drawn = Random(seed)
    findings = [
        Finding(
            rule_id="POV-002", severity="warning", ref=text(drawn), refs=(text(drawn),),
            lhs=drawn.choice((None, Decimal("12.5"))), rhs=Decimal(drawn.randrange(10**6)), difference=None,
            message_vi=text(drawn), message_en=text(drawn),
        )
        for _ in range(5)
    ]  # fmt: skip
    deliver(connection, "b" * 64)
    load.load_submission(connection, "b" * 64, submission([observation(drawn, 1)], findings), "1")
    rows = connection.execute(
        """
        select ref, refs, lhs, rhs, difference, message_vi, message_en from registry.check_result
        where outcome = 'fail'
        """
    ).fetchall()
    expected = [
        (
            f.ref.translate(LOST), [ref.translate(LOST) for ref in f.refs], f.lhs, f.rhs, f.difference,
            f.message_vi.translate(LOST), f.message_en.translate(LOST),
        )
        for f in findings
    ]  # fmt: skip
    assert sorted(rows, key=repr) == sorted(expected, key=repr)


def test_one_that_the_database_refuses_leaves_nothing_and_those_before_it_stand(connection: psycopg.Connection) -> None:
    drawn = Random(1)
    good, bad = observation(drawn, 1), observation(drawn, 2)._replace(measure="no such measure")
    for digest in "abc":
        deliver(connection, digest * 64)
    several = [("a" * 64, submission([good])), ("b" * 64, submission([bad])), ("c" * 64, submission([good]))]
    with pytest.raises(psycopg.Error):
        load.load_submissions(connection, several, "1")
    assert connection.execute("select sha256 from registry.submission").fetchall() == [("a" * 64,)]
    assert connection.execute("select count(*) from staging.observation").fetchone() == (1,)
    # Loaded again, what is there is left as it is.
    assert load.load_submission(connection, *several[0], "1") == "known"
