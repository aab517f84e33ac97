"""What is loaded arrives as it was read, whatever is in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.core.model import Finding, Observation, ReadSubmission
from ingest.store import load, registry

pytestmark = pytest.mark.database

# Text as Postgres can hold it, with all that a format could take for a sign of its own.
TEXTS = st.text(
    st.characters(exclude_characters="\0\x1d\x1e\x1f", exclude_categories=["Cs"]), max_size=40
) | st.sampled_from(
    ["", "NULL", "\\N", "\\", '"', "{}", '{"a"}', "a,b", "\n", "\t", "\x1b\x1c", "\\u0000", "null", "Đắk Mil"]
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)
OBSERVATIONS = st.builds(
    Observation,
    ref=TEXTS,
    raw=TEXTS,
    value=NUMBERS,
    unit_of_measure=st.just("household"),
    indicator_code=st.sampled_from(["poor_households", "near_poor_households"]),
    unit_id=st.just("24660@base"),
    period=st.just("2023"),
    breakdown=TEXTS,
    measure=st.sampled_from(["actual", "target"]),
    qualifier=st.sampled_from(["exact", "about"]),
    accumulation=st.sampled_from(["period", "point"]),
    status=st.just("official"),
    issuer=TEXTS,
    as_of=st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    confidence=st.sampled_from([0.25, 0.5, 1.0]),
    refs=st.lists(TEXTS, max_size=3).map(tuple),
)
FINDINGS = st.builds(
    Finding,
    rule_id=st.just("POV-001"),
    severity=st.sampled_from(["warning", "info"]),
    ref=TEXTS,
    message_vi=TEXTS,
    message_en=TEXTS,
    refs=st.lists(TEXTS, max_size=3).map(tuple),
    lhs=st.none() | NUMBERS,
    rhs=st.none() | NUMBERS,
    difference=st.none() | NUMBERS,
)


@pytest.fixture(scope="module")
def connection(module_database):
    with module_database.connect("ingest") as opened:
        opened.autocommit = True
        yield opened


def store(connection, observations, findings=(), source_kind="form") -> int:
    """Loads a submission of a file of its own; gives its number."""
    (number,) = connection.execute("select count(*) from registry.file").fetchone()
    sha256 = f"{number:064x}"
    with connection.transaction():
        registry.register_delivery(
            connection, sha256=sha256, size_bytes=1, archive_path=Path(sha256), source_path=sha256, channel="inbox"
        )
    made = ReadSubmission(
        "poverty_review", "v01", source_kind, "663@base", "2023", observations=observations, findings=list(findings)
    )
    load.load_submission(connection, sha256, made, "1")
    query = "select submission_id from registry.submission where sha256 = %s"
    return int(connection.execute(query, (sha256,)).fetchone()[0])


def stored(connection, submission_id: int) -> list[Observation]:
    columns = ", ".join(load.OBSERVATION_COLUMNS)
    rows = connection.execute(
        f"select {columns} from staging.observation where submission_id = %s order by observation_id", (submission_id,)
    )
    return [Observation(*row)._replace(refs=tuple(row[load.OBSERVATION_COLUMNS.index("refs")])) for row in rows]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OBSERVATIONS, max_size=4), st.lists(FINDINGS, max_size=3))
def test_every_field_arrives_under_its_own_name(connection, observations, findings):
    submission_id = store(connection, observations, findings)
    assert stored(connection, submission_id) == observations
    columns = ", ".join(load.FINDING_COLUMNS)
    rows = connection.execute(
        f"select {columns} from registry.check_result where submission_id = %s and outcome = 'fail'"
        " order by check_result_id",
        (submission_id,),
    ).fetchall()
    found = [Finding(**dict(zip(load.FINDING_COLUMNS, row, strict=True)) | {"refs": ()}) for row in rows]
    assert [tuple(row[load.FINDING_COLUMNS.index("refs")]) for row in rows] == [f.refs for f in findings]
    assert found == [Finding(**{c: getattr(f, c) for c in load.FINDING_COLUMNS} | {"refs": ()}) for f in findings]


def observation(**changes) -> Observation:
    return Observation("Biểu!C7", "470", Decimal(470), "household", "poor_households", "24660@base", "2023", **changes)


def test_what_postgres_cannot_store_is_left_out_and_what_is_long_is_cut(connection):
    given = [
        observation(breakdown="a\0b", refs=("x\0y", "\\u0000")),
        observation(issuer="i")._replace(raw="r" * 600, ref="p" * 600),
        observation(refs=("q" * 600,)),
    ]
    first, second, third = stored(connection, store(connection, given))
    assert (first.breakdown, first.refs) == ("ab", ("xy", "\\u0000"))
    assert (len(second.raw), len(second.ref)) == (load.RAW_LIMIT, load.RAW_LIMIT)
    assert [len(ref) for ref in third.refs] == [load.RAW_LIMIT]


def test_of_a_report_every_number_is_kept_and_of_a_form_none(connection):
    unknown = observation()._replace(indicator_code="")
    query = "select indicator_code, value from staging.quantity where submission_id = %s order by indicator_code"
    report = store(connection, [observation(), unknown], source_kind="report")
    assert connection.execute(query, (report,)).fetchall() == [("", 470), ("poor_households", 470)]
    assert len(stored(connection, report)) == 1
    form = store(connection, [observation(), unknown])
    assert connection.execute(query, (form,)).fetchall() == []
