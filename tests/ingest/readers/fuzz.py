"""Files of each format with changed bytes, for as long as wanted: `python -m tests.ingest.readers.fuzz --minutes 30`.

Whatever the bytes are, reading them ends with submissions or with a finding. Prints how often what came out; a file
that met a defect of a reader (SYS-001), ended its reader (FILE-007) or took too long is kept under the digest of its
bytes in the folder named by `--keep`, to be looked at; exit status 1 where something escaped the door.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import docx
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from bench.made_forms import consistent_values
from ingest.core.catalogue import Catalogue, load_catalogue
from ingest.forms import load_forms
from ingest.readers.dispatch import read_here, reading_door, taken_file
from ingest.readers.payment_list.pseudonyms import use_passing_key
from ingest.readers.spreadsheet.open_book import open_book
from ingest.submitters.form_template import write_template
from tests.ingest.readers.sheets import Book, Grid, read_book
from tests.ingest.readers.xlsb import write_xlsb
from tests.made_lines import list_book, people
from tests.poison import POISON, packed, xls_of

REPORT = """
ỦY BAN NHÂN DÂN HUYỆN ĐẮK MIL
Đắk Mil, ngày 05 tháng 01 năm 2024
BÁO CÁO
Kết quả công tác giảm nghèo năm 2023
I. KẾT QUẢ
1. Đến cuối năm 2023, toàn huyện có 470 hộ nghèo với 2.439 khẩu, tỷ lệ hộ nghèo là 1,68%.
2. Hộ cận nghèo: 1.204 hộ, giảm 312 hộ so với năm 2022 (1.516 hộ).
"""
SLOW_SECONDS = 10


def seeds(catalogue: Catalogue) -> dict[str, bytes]:
    """A sound file of each format, and the poison ones: by a name whose ending is the format."""
    form, unit = load_forms()["poverty_review"], catalogue.unit_by_code("663", date(2023, 12, 31))
    assert unit is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        write_template(form, unit, "2023", path, catalogue, consistent_values(form, unit, "2023", catalogue, Random(1)))
        book = path.read_bytes()
    rows = open_book(book, "form.xlsx").sheets[0].rows
    found = {
        "form.xlsx": book,
        "list.xlsx": list_book(people(5)),
        "form.xlsb": write_xlsb(read_book(book)),
        "list.xlsb": write_xlsb(Book([Grid("DS", _cells(list_book(people(5))))])),
        "form.csv": "\n".join(";".join(map(str, row)) for row in rows).encode(),
        "form.ods": _ods(rows),
        "form.xls": xls_of({(row, column): row + column / 10 for row in range(30) for column in range(8)}),
        "report.txt": REPORT.encode(),
        "report.docx": _docx(),
        "report.pdf": _pdf(),
    }
    small = {suffix: make() for suffix, make in POISON.items() if suffix not in (".csv", ".txt")}
    return found | {f"poison{suffix}": data for suffix, data in small.items()}


def _cells(book: bytes) -> dict[tuple[int, int], object]:
    (sheet,) = open_book(book, "list.xlsx").sheets
    return {
        (row, column): value
        for row, values in enumerate(sheet.rows)
        for column, value in enumerate(values)
        if value != ""
    }


def _ods(rows: list[list[object]]) -> bytes:
    spaces = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for key, name in (("office", "office"), ("table", "table"), ("text", "text"))
    )

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        text = str(value).replace("&", "&amp;").replace("<", "&lt;")
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    body = f'<office:body><office:spreadsheet><table:table table:name="POV01">{lines}</table:table>'
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {spaces}>{body}</office:spreadsheet></office:body>"
        "</office:document-content>",
        "META-INF/manifest.xml": "<manifest/>",
    })  # fmt: skip


def _docx() -> bytes:
    document = docx.Document()
    for line in REPORT.strip().splitlines():
        document.add_paragraph(line)
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(1, 1).text = "Hộ nghèo", "470"
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _pdf() -> bytes:
    figure, target = Figure(figsize=(11, 6)), io.BytesIO()
    for place, line in enumerate(REPORT.strip().splitlines()):
        figure.text(0.05, 0.9 - 0.1 * place, line)
    FigureCanvasPdf(figure).print_pdf(target)
    return target.getvalue()


# Changes of bytes

_NUMBERS = (b"0", b"-1", b"65536", b"1048576", b"2147483647", b"4294967296", b"1e308", b"NaN", b"99999999999999999999")
_INTEGERS = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\xff\xff", b"\0\x01\0\0")


def flip(data: bytes, random: Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 40))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def cut(data: bytes, random: Random) -> bytes:
    """A part is missing, often the end."""
    start = random.randrange(len(data))
    return data[:start] + (data[start + random.randrange(200) :] if random.random() < 0.6 else b"")


def repeat(data: bytes, random: Random) -> bytes:
    """A part is there many times."""
    start = random.randrange(len(data))
    part = data[start : start + random.choice((1, 8, 60, 500))]
    return data[:start] + part * random.choice((2, 10, 1000)) + data[start:]


def swap(data: bytes, random: Random) -> bytes:
    """Two parts have changed places."""
    first, second = sorted(random.randrange(len(data)) for _ in range(2))
    length = random.choice((1, 4, 30))
    return data[:first] + data[second : second + length] + data[first + length :]


def exaggerate(data: bytes, random: Random) -> bytes:
    """A number is a huge one, in digits or in four bytes."""
    digits = [at for at in range(len(data)) if 48 <= data[at] < 58][:20_000]
    if digits and random.random() < 0.7:
        at = random.choice(digits)
        return data[:at] + random.choice(_NUMBERS) + data[at + 1 :]
    at, number = random.randrange(len(data)), random.choice(_INTEGERS)
    return data[:at] + number + data[at + len(number) :]


CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (flip, cut, repeat, swap, exaggerate)


def changed(data: bytes, random: Random) -> bytes:
    """The bytes, or those of a part that is packed in them, changed a few times."""
    if data.startswith(b"PK") and random.random() < 0.7:
        with suppress(
            zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError, KeyError
        ):
            return _changed_inside(data, random)
    for _ in range(random.choice((1, 1, 2, 4))):
        data = random.choice(CHANGES)(data, random) or b"\0"
    return data


def _changed_inside(data: bytes, random: Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = random.choice([name for name, content in parts.items() if content])
    if random.random() < 0.1:
        del parts[name]
    else:
        for _ in range(random.choice((1, 1, 3))):
            parts[name] = random.choice(CHANGES)(parts[name], random) or b"\0"
    return packed(parts)


def changed_files(catalogue: Catalogue, seed: int) -> Iterator[tuple[str, bytes]]:
    """Changed files without end, each format in turn; some are read under another's name."""
    random, sound = Random(seed), seeds(catalogue)
    while True:
        for name, data in sound.items():
            shown = name if random.random() < 0.95 else random.choice(list(sound))
            yield shown, changed(data, random)


def run(minutes: float, seed: int, keep: Path | None, catalogue: Catalogue, most: int | None = None) -> Counter[str]:
    """Reads changed files; returns how often what came out, by format and rule."""
    found: Counter[str] = Counter()
    ended = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder, reading_door(catalogue) as door:
        for number, (name, data) in enumerate(changed_files(catalogue, seed)):
            if time.monotonic() > ended or number == most:
                break
            path = Path(folder) / "file"
            path.write_bytes(data)
            begun = time.monotonic()
            read = taken_file(door.read(path, name), name)
            is_slow = time.monotonic() - begun > SLOW_SECONDS
            rules = {f.rule_id for f in read.findings} or {"submissions" if read.submissions else "nothing"}
            found.update(f"{Path(name).suffix} {rule}" for rule in rules)
            if keep is not None and (is_slow or rules & {"SYS-001", "FILE-006", "FILE-007"}):
                keep.mkdir(parents=True, exist_ok=True)
                digest = hashlib.sha256(data).hexdigest()[:12]
                (keep / f"{'slow-' if is_slow else ''}{min(rules)}-{digest}-{name}").write_bytes(data)
    return found


def main() -> int:
    """Prints the counts."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=30)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument("--again", type=Path, help="reads one kept file in this process, to see where it fails")
    chosen = arguments.parse_args()
    use_passing_key()
    catalogue = load_catalogue()
    if chosen.again is not None:
        print(read_here(chosen.again, chosen.again.name.rpartition("-")[2], catalogue).findings)
        return 0
    try:
        found = run(chosen.minutes, chosen.seed, chosen.keep, catalogue)
    except BaseException as escaped:  # noqa: BLE001 - nothing may
        print(f"escaped: {type(escaped).__name__}", file=sys.stderr)
        traceback.print_exception(escaped)
        return 1
    print(f"{sum(found.values())} outcomes, seed {chosen.seed}")
    for what, count in sorted(found.items()):
        print(f"{count:>8}  {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
