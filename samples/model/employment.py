"""Labour force, employment and jobs created: by commune, and by channel and market."""

from __future__ import annotations

from ingest.core.catalogue import Catalogue, Unit
from ingest.core.periods import Period
from ingest.submitters.form_template import Values
from samples.model.quarters import quarter_of, quarter_shares, reached
from samples.model.sources import UnitYear, published, unit_years
from samples.model.splitting import apportion, between, spread

FORM = "employment"

# Row of the form, category in the catalogue, share of all jobs, share of women.
_CHANNELS = (
    ("jobs_loan", "job_loan", 0.12, 0.52),
    ("jobs_training", "vocational_training", 0.06, 0.44),
    ("jobs_out_of_province", "out_of_province", 0.45, 0.46),
    ("jobs_programme", "socio_economic_programme", 0.05, 0.41),
    ("jobs_enterprise", "enterprise", 0.16, 0.50),
    ("jobs_self", "self_employment", 0.11, 0.48),
    ("jobs_centre", "employment_service_centre", 0.05, 0.47),
)
_MARKETS = (
    ("jobs_export_japan", 0.52, 0.40),
    ("jobs_export_korea", 0.14, 0.28),
    ("jobs_export_taiwan", 0.26, 0.45),
    ("jobs_export_germany", 0.02, 0.50),
    ("jobs_export_other", 0.06, 0.35),
)


def figures(unit: Unit, period: Period, catalogue: Catalogue) -> Values:
    """The cells of `employment` for a unit and a year, or cumulated from January to a quarter's end."""
    communes = catalogue.children_of(unit, period.last_day)
    quarter = quarter_of(period)
    values: dict[tuple[str, str], int] = {}
    stock = _labour(unit.code, period.year, quarter)
    weights = [between(0.7, 1.4, FORM, "labour", c.unit_id) for c in communes]
    labour = apportion(stock["labour_force"], weights)
    women = apportion(
        stock["labour_force_female"],
        [p * between(0.96, 1.04, FORM, "women", c.unit_id) for p, c in zip(labour, communes, strict=True)],
        labour,
    )
    men = [p - w for p, w in zip(labour, women, strict=True)]
    idle_women = apportion(
        stock["unemployed_female"],
        [w * between(0.5, 1.5, FORM, "idle", c.unit_id) for w, c in zip(women, communes, strict=True)],
        women,
    )
    idle_men = apportion(
        stock["unemployed"] - stock["unemployed_female"],
        [m * between(0.5, 1.5, FORM, "idle", c.unit_id) for m, c in zip(men, communes, strict=True)],
        men,
    )
    channels = _jobs_by_channel(unit_years()[unit.code, period.year])
    women_by_channel = {row: women for row, (_, women) in channels.items()}
    men_by_channel = {row: jobs - women for row, (jobs, women) in channels.items()}
    women_by_quarter, men_by_quarter = (
        apportion(sum(by_channel.values()), quarter_shares(FORM, unit.code, period.year))
        for by_channel in (women_by_channel, men_by_channel)
    )
    new_women = _by_commune(women_by_quarter, women, quarter)
    new_men = _by_commune(men_by_quarter, men, quarter)
    for index, commune in enumerate(communes):
        idle = idle_women[index] + idle_men[index]
        columns = {
            "labour_force": labour[index],
            "labour_force_female": women[index],
            "employed": labour[index] - idle,
            "employed_female": women[index] - idle_women[index],
            "unemployed": idle,
            "unemployed_female": idle_women[index],
            "jobs_created": new_women[index] + new_men[index],
            "jobs_created_female": new_women[index],
        }
        values |= {(commune.code, column): value for column, value in columns.items()}
    channel_women = spread(list(women_by_channel.values()), women_by_quarter)
    channel_men = spread(list(men_by_channel.values()), men_by_quarter)
    for row, its_women, its_men in zip(channels, channel_women, channel_men, strict=True):
        values[row, "persons_female"] = reached(its_women, quarter)
        values[row, "persons"] = reached(its_women, quarter) + reached(its_men, quarter)
    return values


def labour_force(unit_code: str, year: int, quarter: int) -> int:
    """Persons in the labour force at the end of a quarter."""
    return _labour(unit_code, year, quarter)["labour_force"]


def _labour(unit_code: str, year: int, quarter: int) -> dict[str, int]:
    """The unit's stocks at the end of a quarter: on the way from the year before's to the year's."""
    now = _labour_at_year_end(unit_years()[unit_code, year])
    before = unit_years().get((unit_code, year - 1))
    if before is None:
        return now
    then = _labour_at_year_end(before)
    return {name: then[name] + (now[name] - then[name]) * quarter // 4 for name in now}


def _labour_at_year_end(size: UnitYear) -> dict[str, int]:
    women = round(size.labour_force * between(0.476, 0.492, FORM, "women", size.unit_code))
    idle = round(size.labour_force * size.unemployment_pct / 100)
    return {
        "labour_force": size.labour_force,
        "labour_force_female": women,
        "unemployed": idle,
        "unemployed_female": round(idle * between(0.46, 0.54, FORM, "idle women", size.unit_code)),
    }


def _jobs_by_channel(size: UnitYear) -> dict[str, tuple[int, int]]:
    """The year's jobs and, of them, women by row of the form; without rows for which nothing is known."""
    code, year = size.unit_code, size.year
    stated = {row: published(code, year, "jobs_created", f"channel={channel}") for row, channel, *_ in _CHANNELS}
    if any(value is not None for value in stated.values()):
        jobs = {row: value for row, value in stated.items() if value is not None}
    else:
        weights = [share * between(0.75, 1.25, FORM, row, code) for row, _, share, _ in _CHANNELS]
        parts = apportion(size.jobs - size.labour_export, weights)
        jobs = dict(zip((row for row, *_ in _CHANNELS), parts, strict=True))
    weights = [share * between(0.7, 1.3, FORM, row, code) for row, share, _ in _MARKETS]
    jobs |= dict(zip((row for row, *_ in _MARKETS), apportion(size.labour_export, weights), strict=True))
    share_of_women = {row: share for row, *_, share in (*_CHANNELS, *_MARKETS)}
    return {
        row: (value, round(value * share_of_women[row] * between(0.92, 1.08, FORM, row, "women", code)))
        for row, value in jobs.items()
    }


def _by_commune(by_quarter: list[int], weights: list[int], quarter: int) -> list[int]:
    table = spread(apportion(sum(by_quarter), weights), by_quarter)
    return [reached(cells, quarter) for cells in table]
