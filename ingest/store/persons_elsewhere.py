"""Persons who stand in several units' lists of one month, told when the later list is loaded.

What is compared are pseudonyms of identity numbers under one key. Only lists of the same month are looked at, so that
what it costs does not grow with the years.
"""

from __future__ import annotations

from psycopg import Connection

from ingest.core.catalogue import Catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding
from ingest.forms import load_forms
from ingest.readers.payment_list.line_findings import LISTED_PLACES
from ingest.store.registry import Scope

_OTHERS = """
select submission_id, form_code, reporting_unit_id,
    (select key_id from staging.payment_line where payment_line.submission_id = submission.submission_id limit 1)
from registry.submission
where source_kind = 'list' and state = 'accepted' and period = %(period)s and status = %(status)s
    and (form_code, reporting_unit_id) <> (%(form_code)s, %(unit)s)
order by submission_id
"""
_SHARED = """
select other.submission_id, mine.line_number, min(mine.ref)
from staging.payment_line as mine
join staging.payment_line as other using (identity_hash, key_id)
where mine.submission_id = %s and other.submission_id = any(%s)
group by other.submission_id, mine.line_number
order by other.submission_id, mine.line_number
"""


def persons_elsewhere(
    connection: Connection, submission_id: int, scope: Scope, key_id: str, catalogue: Catalogue
) -> list[Finding]:
    """A finding for each other list of the month that has persons of this one, in the transaction that loads it.

    Args:
        connection: inside that transaction; the list's lines are there already.
        submission_id: the list's.
        scope: what it answers; what it supersedes is not compared with it.
        key_id: the key of its pseudonyms.
        catalogue: names the other units.
    """
    rows = connection.execute(
        _OTHERS,
        {
            "period": scope.period,
            "status": scope.status,
            "form_code": scope.form_code,
            "unit": scope.reporting_unit_id,
        },
    ).fetchall()
    others = {other: (form, unit) for other, form, unit, other_key in rows if other_key == key_id}
    apart = sum(other_key not in (None, key_id) for _, _, _, other_key in rows)
    found = [finding("LST-075", "", count=apart)] if apart else []
    if others:
        # Nothing is known yet about rows just copied; a nested loop over them would take minutes.
        connection.execute("set local enable_nestloop = off")
        shared: dict[int, list[str]] = {}
        for other, _, ref in connection.execute(_SHARED, (submission_id, list(others))):
            shared.setdefault(other, []).append(ref)
        connection.execute("set local enable_nestloop = on")
        found += [_told(scope, others[other], refs, catalogue) for other, refs in shared.items()]
    return found


def _told(scope: Scope, other: tuple[str, str], refs: list[str], catalogue: Catalogue) -> Finding:
    form_code, unit_id = other
    unit, form = catalogue.units.get(unit_id), load_forms().get(form_code)
    unit_name = unit.name if unit is not None else unit_id
    form_vi, form_en = (form.head.name_vi, form.head.name_en) if form is not None else (form_code, form_code)
    rule_id = "LST-073" if form_code == scope.form_code else "LST-074"
    more = tuple(refs[1:LISTED_PLACES])
    return finding(rule_id, refs[0], refs=more, count=len(refs), unit=unit_name, form_vi=form_vi, form_en=form_en)
