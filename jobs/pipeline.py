"""The way of a file: register, read, check, load, answer. One code path for DAG and command line.

Each step may be interrupted at any point and done again: registration is by content, loading is
one transaction per submission, and a file is finished only when everything of it is written.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from psycopg import Connection

from ingest.checks.expectations import DocsWriter, validate_batch
from ingest.checks.plain import check_observations
from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.findings import finding
from ingest.core.model import ReadFile
from ingest.forms import load_forms
from ingest.narrative.learned import load_phrasings
from ingest.readers.dispatch import READER_VERSION, reading_door, taken_file
from ingest.readers.door import Door
from ingest.review.apply import apply_to_reading
from ingest.store import load, registry
from ingest.store.registry import PendingFile
from ingest.store.review_answers import StoredAnswer, current_answers
from ingest.submitters import feedback
from jobs.answers import feedback_path
from jobs.arrivals import Arrivals, register_files, register_inbox
from runtime.errors import OurFaultError, SetupError
from runtime.garbage_collection import few_collections
from runtime.settings import Settings

__all__ = ["Arrivals", "BatchOutcome", "process_batch", "process_batches", "register_files", "register_inbox"]

logger = logging.getLogger(__name__)

BATCH_FILES = 200
# The database takes half as long for a submission as reading a workbook takes.
_TURNS_PER_FILE = 2


@dataclass(slots=True)
class BatchOutcome:
    """What became of a batch: submissions by state, findings by severity, files that hold none."""

    files: int = 0
    unusable_files: int = 0
    submissions: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, object]:
        """Plain values, small enough to pass between tasks."""
        return {
            "files": self.files,
            "unusable_files": self.unusable_files,
            "submissions": dict(self.submissions),
            "findings": dict(self.findings),
        }


def plan_batches(connection: Connection, size: int = BATCH_FILES) -> list[list[str]]:
    """The SHA-256 of every file that waits to be read, in batches."""
    digests = [file.sha256 for file in registry.pending_files(connection)]
    return [digests[start : start + size] for start in range(0, len(digests), size)]


@dataclass(slots=True)
class LoadedBatch:
    """A batch whose submissions are committed; what its senders are to be told is not written yet.

    `states` are those of each file's submissions. `waiting` says of files that could not be read, for want of a
    setting or by a fault of ours, what they wait for. `endings` is how readers ended, by the file's SHA-256;
    `missing` are those whose bytes the archive does not hold.
    `write_docs` writes what Great Expectations saw.
    """

    name: str
    read: list[tuple[PendingFile, ReadFile]]
    waiting: list[str]
    endings: dict[str, Sequence[str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    write_docs: DocsWriter | None = None
    states: list[list[str]] = field(default_factory=list)


def process_batch(
    connection: Connection, settings: Settings, digests: Sequence[str], *, batch_name: str = "batch"
) -> BatchOutcome:
    """Reads, checks and loads a batch of registered files, and writes the answers to their senders.

    Args:
        connection: acts as role `ingest`, outside any transaction.
        settings: where archive, outbox and generated docs lie.
        digests: SHA-256 of registered files.
        batch_name: names the folder of the Data Docs.

    Raises:
        SetupError: files could not be read or answered for want of a setting, such as the key of the pseudonyms, or
            by a fault of ours (`OurFaultError`). They wait and are tried again; all others went through.
    """
    return process_batches(connection, settings, {batch_name: digests})


def process_batches(connection: Connection, settings: Settings, batches: Mapping[str, Sequence[str]]) -> BatchOutcome:
    """`process_batch` for several batches by name; the next one is read while one is loaded."""
    outcome = BatchOutcome()
    waiting: list[str] = []
    unwritten: list[str] = []
    for batch in load_batches(connection, settings, batches):
        _note_troubles(connection, batch)
        waiting += batch.waiting
        if batch.write_docs is not None:
            unwritten += _tried("the pages of a batch", batch.write_docs, settings.data_docs / batch.name)
        for (file, result), states in zip(batch.read, batch.states, strict=True):
            if failed := _tried("an answer", _answer, file, result, settings):
                unwritten += failed
                continue
            load.finish_file(connection, file.sha256, result.findings, has_submission=bool(states))
            outcome.files += 1
            outcome.submissions.update(states)
            outcome.unusable_files += not states
            outcome.findings.update(f.severity for f in result.all_findings)
            logger.info("%s: %s, %d findings", file.source_path, states or "unusable", len(result.all_findings))
    said = [f"{len(waiting)} of {outcome.files + len(waiting)} files wait to be read: {waiting[0]}"] if waiting else []
    if said + unwritten:
        raise SetupError("; ".join(said + unwritten[:1]))
    return outcome


def _note_troubles(connection: Connection, batch: LoadedBatch) -> None:
    for sha256 in batch.missing:
        registry.take_again(connection, sha256)
    for sha256, endings in batch.endings.items():
        with connection.transaction():
            for how in endings:
                registry.record_event(connection, "reader_ended", sha256=sha256, reason=how)


def _tried(what: str, write: Callable[..., None], *arguments: object) -> list[str]:
    """Writes something; what is wrong here where it cannot be written."""
    try:
        write(*arguments)
    except OSError as problem:
        said = f"{what} cannot be written ({problem.strerror or type(problem).__name__})"
        logger.warning("%s", said)
        return [said]
    return []


def _answer(file: PendingFile, result: ReadFile, settings: Settings) -> None:
    path = feedback_path(file.source_path, settings)
    feedback.write_feedback(result, path, file.source_path, load_catalogue(), settings.archive / file.archive_path)


def load_batches(
    connection: Connection, settings: Settings, batches: Mapping[str, Sequence[str]]
) -> Iterator[LoadedBatch]:
    """Reads, checks and loads batches of registered files in their order, a transaction per submission.

    While a batch is read, the database is at work on the one before: at most two are held at a time. The connection
    must not be used until a batch is handed out.
    """
    catalogue, phrasings = load_catalogue(), load_phrasings(settings.phrasings)
    known = {name: _known_of(connection, digests) for name, digests in batches.items()}
    with few_collections(), reading_door(catalogue, phrasings, settings.province) as door:
        before: LoadedBatch | None = None
        for name, (files, answers) in known.items():
            with closing(_load_in_turns(connection, before)) as turns:
                batch = _read_batch(name, files, settings, door, turns)
                for file, result in batch.read:
                    apply_to_reading(result, answers.get(file.sha256), phrasings)
                batch.write_docs = check_batch([result for _, result in batch.read], catalogue)
                _keep_what_was_loaded_once()
                _take_all(turns)
            if before is not None:
                yield before
            before = batch
        if before is not None:
            _take_all(_load_in_turns(connection, before))
            yield before


def _known_of(
    connection: Connection, digests: Sequence[str]
) -> tuple[list[PendingFile], Mapping[str, Sequence[StoredAnswer]]]:
    # What a run before this one has finished is not read once more.
    return registry.pending_files(connection, digests), current_answers(connection, digests)


def _read_batch(
    name: str, files: Sequence[PendingFile], settings: Settings, door: Door, turns: Iterator[None]
) -> LoadedBatch:
    """Reads a batch, and after each file lets the batch before have some turns at being loaded."""
    batch = LoadedBatch(name, [], [])
    paths = [(settings.archive / file.archive_path, file.source_path) for file in files]
    with closing(door.read_all(paths)) as passed_files:
        for file, passed in zip(files, passed_files, strict=True):
            if passed.endings:
                batch.endings[file.sha256] = passed.endings
            try:
                batch.read.append((file, taken_file(passed, file.source_path)))
            except SetupError as problem:
                batch.waiting.append(str(problem))
                if isinstance(problem, OurFaultError) and not (settings.archive / file.archive_path).exists():
                    batch.missing.append(file.sha256)
            _take_all(islice(turns, _TURNS_PER_FILE))
    return batch


def _load_in_turns(connection: Connection, batch: LoadedBatch | None) -> Generator[None, None, None]:
    """Loads a batch as `load.load_in_turns` does and notes the states."""
    if batch is None:
        return
    submissions = [(file.sha256, one) for file, result in batch.read for one in result.submissions]
    states = iter((yield from load.load_in_turns(connection, submissions, READER_VERSION)))
    batch.states = [list(islice(states, len(result.submissions))) for _, result in batch.read]


def _take_all(turns: Iterator[None]) -> None:
    for _ in turns:
        pass


@lru_cache(maxsize=1)
def _keep_what_was_loaded_once() -> None:
    """Takes what a process loads once out of the garbage collector's rounds.

    The catalogue, the forms and Great Expectations are some 350,000 objects, which stay; looking through them
    again and again would take a fifth of the time of a batch.
    """
    gc.collect()
    gc.freeze()


def check_batch(
    files: Sequence[ReadFile], catalogue: Catalogue, *, with_great_expectations: bool = True
) -> DocsWriter | None:
    """Applies the checks that every submission passes, whatever it was read from.

    Without Great Expectations, whose import takes seconds, the same rules are applied and no Data Docs are made.

    Returns what writes the Data Docs of the batch, if there was anything to validate.
    """
    submissions = [submission for file in files for submission in file.submissions]
    for submission in submissions:
        if not submission.is_nil and not any(o.indicator_code for o in submission.observations):
            unit = catalogue.units.get(submission.reporting_unit_id)
            form = load_forms().get(submission.form_code)
            submission.findings.append(
                finding(
                    "OBS-001",
                    submission.part,
                    form=form.head.name_vi if form else submission.form_code,
                    unit=unit.name if unit else submission.reporting_unit_id,
                    period=submission.period,
                )
            )
    if with_great_expectations:
        return validate_batch(submissions, catalogue)
    check_observations(submissions, catalogue)
    return None
