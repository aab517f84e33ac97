"""The way of a file: register, read, check, load, answer. One code path for DAG and command line.

Each step may be interrupted at any point and done again: registration is by content, loading is
one transaction per submission, and a file is finished only when everything of it is written.
"""

from __future__ import annotations

import gc
import hashlib
import logging
import traceback
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePosixPath

from psycopg import Connection

from ingest.checks.expectations import DocsWriter, validate_batch
from ingest.checks.plain import check_observations
from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.core.findings import finding
from ingest.core.model import Finding, ReadFile
from ingest.forms import load_forms
from ingest.narrative.learned import Phrasings, load_phrasings
from ingest.readers.dispatch import READER_VERSION, read_file
from ingest.review.apply import apply_to_reading
from ingest.store import load, registry
from ingest.store.inbox import InboxFile, OutsideInboxError, check_inside, list_files
from ingest.store.registry import Channel, PendingFile
from ingest.store.review_answers import StoredAnswer, current_answers
from ingest.submitters import feedback
from runtime.errors import SetupError
from runtime.garbage_collection import few_collections
from runtime.settings import Settings

logger = logging.getLogger(__name__)

BATCH_FILES = 200
# The database takes half as long for a submission as reading a workbook takes.
_TURNS_PER_FILE = 2
_LONGEST_NAME_BYTES = 200


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


def register_inbox(connection: Connection, settings: Settings, inbox: str) -> int:
    """Registers whatever arrived in the inbox since the last time; returns the number of deliveries."""
    return register_files(connection, settings, list_files(inbox), channel="inbox", inbox=inbox)


def register_files(
    connection: Connection, settings: Settings, files: Iterable[InboxFile], *, channel: Channel, inbox: str | None
) -> int:
    """Archives and registers files; a file that cannot be opened becomes a finding."""
    deliveries = 0
    for file in files:
        try:
            if inbox is not None:
                check_inside(file, inbox)
            with file.path.open("rb") as source:
                sha256, size, archived = registry.archive_file(source, settings.archive)
        except OutsideInboxError:
            _note_unopened(connection, file, finding("FILE-004", "", name=file.source_path))
            continue
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            _note_unopened(connection, file, finding("FILE-005", "", name=file.source_path, problem=reason))
            continue
        with connection.transaction():
            deliveries += registry.register_delivery(
                connection,
                sha256=sha256,
                size_bytes=size,
                archive_path=archived.relative_to(settings.archive),
                source_path=file.source_path,
                channel=channel,
            )
    return deliveries


def _note_unopened(connection: Connection, file: InboxFile, problem: Finding) -> None:
    """Writes the finding once, however often the inbox is looked through."""
    with connection.transaction():
        if not registry.has_finding(connection, file.source_path, problem.rule_id):
            load.write_check_results(
                connection,
                sha256=None,
                submission_id=None,
                source_path=file.source_path,
                findings=[problem],
            )


def plan_batches(connection: Connection, size: int = BATCH_FILES) -> list[list[str]]:
    """The SHA-256 of every file that waits to be read, in batches."""
    digests = [file.sha256 for file in registry.pending_files(connection)]
    return [digests[start : start + size] for start in range(0, len(digests), size)]


@dataclass(slots=True)
class LoadedBatch:
    """A batch whose submissions are committed; what its senders are to be told is not written yet.

    `states` are those of each file's submissions. `waiting` says of files that could not be read for want of a
    setting what they wait for. `write_docs` writes what Great Expectations saw.
    """

    name: str
    read: list[tuple[PendingFile, ReadFile]]
    waiting: list[str]
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
        SetupError: files could not be read for want of a setting, such as the key of the pseudonyms. They wait to
            be read; all others went through.
    """
    return process_batches(connection, settings, {batch_name: digests})


def process_batches(connection: Connection, settings: Settings, batches: Mapping[str, Sequence[str]]) -> BatchOutcome:
    """`process_batch` for several batches by name; the next one is read while one is loaded."""
    outcome, waiting = BatchOutcome(), []
    for batch in load_batches(connection, settings, batches):
        if batch.write_docs is not None:
            batch.write_docs(settings.docs / "great_expectations" / batch.name)
        for (file, result), states in zip(batch.read, batch.states, strict=True):
            path = feedback_path(file.source_path, settings)
            original = settings.archive / file.archive_path
            feedback.write_feedback(result, path, file.source_path, load_catalogue(), original)
            load.finish_file(connection, file.sha256, result.findings, has_submission=bool(states))
            outcome.files += 1
            outcome.submissions.update(states)
            outcome.unusable_files += not states
            outcome.findings.update(f.severity for f in result.all_findings)
            logger.info("%s: %s, %d findings", file.source_path, states or "unusable", len(result.all_findings))
        waiting += batch.waiting
    if waiting:
        raise SetupError(f"{len(waiting)} of {outcome.files + len(waiting)} files wait to be read: {waiting[0]}")
    return outcome


def load_batches(
    connection: Connection, settings: Settings, batches: Mapping[str, Sequence[str]]
) -> Iterator[LoadedBatch]:
    """Reads, checks and loads batches of registered files in their order, a transaction per submission.

    While a batch is read, the database is at work on the one before: at most two are held at a time. The connection
    must not be used until a batch is handed out.
    """
    catalogue, phrasings = load_catalogue(), load_phrasings(settings.phrasings)
    known = {name: _known_of(connection, digests) for name, digests in batches.items()}
    with few_collections():
        before: LoadedBatch | None = None
        for name, (files, answers) in known.items():
            with closing(_load_in_turns(connection, before)) as turns:
                batch = _read_batch(name, files, settings, catalogue, phrasings, turns)
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
    return registry.files_by_sha256(connection, digests), current_answers(connection, digests)


def _read_batch(
    name: str,
    files: Sequence[PendingFile],
    settings: Settings,
    catalogue: Catalogue,
    phrasings: Phrasings,
    turns: Iterator[None],
) -> LoadedBatch:
    """Reads a batch, and after each file lets the batch before have some turns at being loaded."""
    batch = LoadedBatch(name, [], [])
    for file in files:
        try:
            batch.read.append((file, read_archived(file, settings, catalogue, phrasings)))
        except SetupError as problem:
            batch.waiting.append(str(problem))
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


def read_archived(
    file: PendingFile, settings: Settings, catalogue: Catalogue, phrasings: Phrasings | None = None
) -> ReadFile:
    """Reads a file from the archive; a fault of ours must not stop the rest of the batch."""
    try:
        return read_file(settings.archive / file.archive_path, file.source_path, catalogue, phrasings)
    except SetupError:
        raise
    except Exception as problem:  # noqa: BLE001
        # A batch holds many units' files: one that trips over a defect is set aside with a finding
        # and its place in the code in the log, the others go through. Not its message: that may quote
        # what was being read, perhaps somebody's name.
        frames = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("Reading %s failed: %s\n%s", file.source_path, type(problem).__name__, frames)
        name = PurePosixPath(file.source_path).name
        return ReadFile(findings=[finding("SYS-001", "", name=name, problem=type(problem).__name__)])


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


def feedback_path(source_path: str, settings: Settings) -> Path:
    """Where the answer to a file goes: the same folders as in the inbox, below `outbox/feedback`."""
    # A path from the command line may be absolute or climb; below the outbox it must not.
    parts = [part for part in PurePosixPath(source_path).parts if part not in ("/", "..", ".")]
    return settings.outbox.joinpath("feedback", *parts[:-1], _fitting_name(parts[-1]) + ".phan-hoi.xlsx")


def _fitting_name(name: str) -> str:
    """A name that leaves room for an ending in the 255 bytes that file systems allow."""
    encoded = name.encode()
    if len(encoded) <= _LONGEST_NAME_BYTES:
        return name
    digest = hashlib.sha256(encoded).hexdigest()[:16]
    return f"{encoded[: _LONGEST_NAME_BYTES - 17].decode(errors='ignore')}-{digest}"
