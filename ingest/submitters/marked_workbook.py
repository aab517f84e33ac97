"""The sender's own workbook with the findings in it: cells coloured and commented, a first sheet that lists them.

The package is edited part by part (ECMA-376, SpreadsheetML): what is not touched, such as charts, pictures,
validations and formulas, is copied byte by byte. What is written holds texts and numbers only, never a formula.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from ingest.core.catalogue import Catalogue
from ingest.core.model import Finding, ReadFile
from ingest.core.row_heights import row_height
from ingest.submitters.answer_texts import answer_texts, by_severity, introduction

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_VML, _EXCEL = "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:excel"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_COLOURS = {"error": "FFF8B4B0", "warning": "FFFFE699", "related": "FFFDE9D9"}
_MOST_LISTED = 2_000
_LARGEST_BYTES = 40 * 2**20
_LONGEST_COMMENT = 900
_WIDTHS = (5, 10, 14, 70, 16, 16)


class UnmarkableBookError(Exception):
    """The workbook can't be marked: another format, or built in an unusual way."""


@dataclass
class _Mark:
    """A cell to colour, and what is said there."""

    colour: str
    texts: list[str] = field(default_factory=list)


def marked_workbook(data: bytes, result: ReadFile, name: str, catalogue: Catalogue) -> bytes:
    """The workbook with its findings marked.

    Args:
        data: the .xlsx as it came.
        result: what was read from it.
        name: the file's name, for the first sheet.
        catalogue: names of units.

    Raises:
        UnmarkableBookError: the bytes are no .xlsx that can be edited.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_BYTES:
                raise UnmarkableBookError("too large")
            package = _Package({entry.filename: archive.read(entry) for entry in archive.infolist()})
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as problem:
        raise UnmarkableBookError(str(problem)) from problem
    try:
        book = _Book(package)
        findings = by_severity(result.all_findings)
        for sheet, marks in _marks(findings, book.parts_by_sheet).items():
            book.mark(sheet, marks)
        book.put_first(_first_sheet(book, findings, introduction(result, name, catalogue)))
        return package.written()
    except (KeyError, IndexError, ValueError, AttributeError, etree.LxmlError) as problem:
        raise UnmarkableBookError(f"{type(problem).__name__}: {problem}") from problem


def _marks(findings: Sequence[Finding], sheets: Mapping[str, str]) -> dict[str, dict[str, _Mark]]:
    """The cells to mark by sheet; a cell that is only compared with another one is coloured more faintly."""
    found: dict[str, dict[str, _Mark]] = defaultdict(dict)
    shown = [one for one in findings if one.severity != "info"][:_MOST_LISTED]
    for one in shown:
        place = _place(one.ref, sheets)
        if place is not None:
            mark = found[place[0]].setdefault(place[1], _Mark(one.severity))
            mark.texts.append(one.message_vi)
    texts = answer_texts()
    for one in shown:
        for ref in one.refs:
            place = _place(ref, sheets)
            if place is not None and place[1] not in found[place[0]]:
                text = texts["related"].format(ref=one.ref, message=one.message_vi)
                found[place[0]][place[1]] = _Mark("related", [text])
    return found


def _place(ref: str, sheets: Mapping[str, str]) -> tuple[str, str] | None:
    sheet, _, cell = ref.rpartition("!")
    return (sheet, cell) if sheet in sheets and _CELL.fullmatch(cell) else None


class _Package:
    """The parts of a zip package, parsed where they are edited."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self.parts = parts
        self.trees: dict[str, etree._Element] = {}

    def tree(self, name: str) -> etree._Element:
        if name not in self.trees:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            self.trees[name] = etree.fromstring(self.parts[name], parser)
        return self.trees[name]

    def add(self, name: str, root: etree._Element, content_type: str = "") -> None:
        self.trees[name] = root
        self.parts[name] = b""
        if content_type:
            types = self.tree("[Content_Types].xml")
            etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=f"/{name}", ContentType=content_type)

    def free_name(self, pattern: str) -> str:
        return next(name for n in range(1, 10_000) if (name := pattern.format(n)) not in self.parts)

    def relations(self, part: str) -> etree._Element:
        folder, file = posixpath.split(part)
        name = f"{folder}/_rels/{file}.rels"
        if name not in self.parts:
            self.add(name, etree.Element(f"{{{_PACKAGE}}}Relationships", nsmap={None: _PACKAGE}))
        return self.tree(name)

    def relate(self, part: str, kind: str, target: str) -> str:
        """Adds a relationship from one part to another; returns its id."""
        relations = self.relations(part)
        taken = {one.get("Id") for one in relations}
        name = next(name for n in range(1, 10_000) if (name := f"rIdAnSinh{n}") not in taken)
        where = posixpath.relpath(target, posixpath.dirname(part))
        etree.SubElement(relations, f"{{{_PACKAGE}}}Relationship", Id=name, Type=f"{_OFFICE}/{kind}", Target=where)
        return name

    def related(self, part: str, kind: str) -> str | None:
        for one in self.relations(part):
            if (one.get("Type") or "").endswith(f"/{kind}"):
                return _target(part, one.get("Target") or "")
        return None

    def written(self) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, data in self.parts.items():
                root = self.trees.get(name)
                if root is not None:
                    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
        return target.getvalue()


def _target(part: str, target: str) -> str:
    return target[1:] if target.startswith("/") else posixpath.normpath(f"{posixpath.dirname(part)}/{target}")


class _Book:
    """A workbook part with its sheets and styles."""

    def __init__(self, package: _Package) -> None:
        self.package = package
        self.part = next(
            _target("", f"/{(one.get('Target') or '').lstrip('/')}")
            for one in package.tree("_rels/.rels")
            if (one.get("Type") or "").endswith("/officeDocument")
        )
        self.root = package.tree(self.part)
        if self.root.tag != f"{{{_MAIN}}}workbook":
            raise UnmarkableBookError("strict or foreign workbook")
        targets = {one.get("Id"): _target(self.part, one.get("Target") or "") for one in package.relations(self.part)}
        self.sheets = _child(self.root, "sheets")
        self.parts_by_sheet = {
            sheet.get("name") or "": targets[sheet.get(f"{{{_OFFICE}}}id")]
            for sheet in self.sheets
            if targets.get(sheet.get(f"{{{_OFFICE}}}id"), "") in package.parts
        }
        styles = package.related(self.part, "styles")
        if styles is None:
            raise UnmarkableBookError("no styles")
        self.styles = _Styles(package.tree(styles))
        self._forget_last_answer()

    def _forget_last_answer(self) -> None:
        """Takes out the first sheet and the colours of an answer that came back in a mended workbook."""
        own = str(answer_texts()["sheet_name"])
        for index, sheet in reversed(list(enumerate(self.sheets))):
            name = sheet.get("name") or ""
            if name == own or (name.startswith(f"{own} ") and name.removeprefix(f"{own} ").isdigit()):
                self.sheets.remove(sheet)
                self.parts_by_sheet.pop(name, None)
                for defined in self.root.iter(f"{{{_MAIN}}}definedName"):
                    number = int(defined.get("localSheetId") or 0)
                    if number > index:
                        defined.set("localSheetId", str(number - 1))
        coloured = self.styles.styles_of(set(_COLOURS.values()))
        if coloured:
            for part in self.parts_by_sheet.values():
                for cell in self.package.tree(part).iter(f"{{{_MAIN}}}c"):
                    if (style := int(cell.get("s") or 0)) in coloured:
                        cell.set("s", str(self.styles.coloured(style, "")))

    def mark(self, sheet: str, marks: Mapping[str, _Mark]) -> None:
        """Colours cells of a sheet and hangs comments on them."""
        part = self.parts_by_sheet[sheet]
        root = self.package.tree(part)
        cells = _Cells(_child(root, "sheetData"))
        for ref, mark in marks.items():
            cell = cells.at(ref)
            cell.set("s", str(self.styles.coloured(int(cell.get("s") or 0), _COLOURS[mark.colour])))
        _Comments(self.package, part, root).add(
            {ref: "\n".join(mark.texts)[:_LONGEST_COMMENT] for ref, mark in marks.items()}
        )

    def put_first(self, root: etree._Element) -> None:
        """Puts a new worksheet before all others, and opens the workbook on it."""
        name = self.package.free_name(posixpath.join(posixpath.dirname(self.part), "worksheets/phanhoi{}.xml"))
        self.package.add(name, root, _SHEET_TYPE)
        for part in self.parts_by_sheet.values():
            for view in self.package.tree(part).iter(f"{{{_MAIN}}}sheetView"):
                view.attrib.pop("tabSelected", None)
        taken = {int(sheet.get("sheetId") or 0) for sheet in self.sheets}
        sheet = etree.Element(f"{{{_MAIN}}}sheet", name=self.free_sheet_name(), sheetId=str(max(taken, default=0) + 1))
        sheet.set(f"{{{_OFFICE}}}id", self.package.relate(self.part, "worksheet", name))
        self.sheets.insert(0, sheet)
        for view in self.root.iter(f"{{{_MAIN}}}workbookView"):
            view.set("activeTab", "0")
            view.set("firstSheet", "0")
        # Names that belong to one sheet count sheets from 0.
        for defined in self.root.iter(f"{{{_MAIN}}}definedName"):
            if defined.get("localSheetId") is not None:
                defined.set("localSheetId", str(int(defined.get("localSheetId") or 0) + 1))
        # The list of sheet names among the properties would no longer be true.
        for part in [part for part in self.package.parts if part == "docProps/app.xml"]:
            for tag in ("TitlesOfParts", "HeadingPairs"):
                for one in list(self.package.tree(part)):
                    if etree.QName(one).localname == tag:
                        self.package.tree(part).remove(one)

    def free_sheet_name(self) -> str:
        wanted, taken = str(answer_texts()["sheet_name"]), {one.lower() for one in self.parts_by_sheet}
        return next(
            name for n in range(1, 1_000) if (name := wanted if n == 1 else f"{wanted} {n}").lower() not in taken
        )


def _child(root: etree._Element, name: str) -> etree._Element:
    found = root.find(f"{{{_MAIN}}}{name}")
    if found is None:
        raise UnmarkableBookError(f"no {name}")
    return found


class _Styles:
    """The styles part: cell formats are added, none is changed."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._formats, self._fills = _child(root, "cellXfs"), _child(root, "fills")
        self._fonts, self._borders = _child(root, "fonts"), _child(root, "borders")
        self._known: dict[tuple[int, str], int] = {}
        self._filled: dict[str, int] = {}

    def coloured(self, style: int, colour: str) -> int:
        """The number of a cell format that is another one on a coloured ground."""
        if (style, colour) not in self._known:
            base = self._formats[style] if style < len(self._formats) else self._formats[0]
            made = deepcopy(base)
            made.set("fillId", str(self._fill(colour) if colour else 0))
            made.set("applyFill", "1")
            self._known[style, colour] = self._append(self._formats, made)
        return self._known[style, colour]

    def styles_of(self, colours: set[str]) -> frozenset[int]:
        """The cell formats whose ground has one of some colours."""
        fills = {
            number
            for number, fill in enumerate(self._fills)
            if any(one.get("rgb") in colours for one in fill.iter(f"{{{_MAIN}}}fgColor"))
        }
        return frozenset(n for n, made in enumerate(self._formats) if int(made.get("fillId") or 0) in fills)

    def plain(self, *, bold: bool = False, size: int = 11, colour: str = "", border: bool = False,
              link: bool = False, number: str = "", centre: bool = False) -> int:  # fmt: skip
        """The number of a new cell format for the first sheet; texts wrap."""
        font = etree.Element(f"{{{_MAIN}}}font")
        for tag in [*(["b"] if bold else []), *(["u"] if link else [])]:
            etree.SubElement(font, f"{{{_MAIN}}}{tag}")
        etree.SubElement(font, f"{{{_MAIN}}}sz", val=str(size))
        etree.SubElement(font, f"{{{_MAIN}}}color", rgb="FF0563C1" if link else "FF000000")
        etree.SubElement(font, f"{{{_MAIN}}}name", val="Times New Roman")
        made = etree.Element(
            f"{{{_MAIN}}}xf",
            numFmtId="3" if number else "0",
            fontId=str(self._append(self._fonts, font)),
            fillId=str(self._fill(colour) if colour else 0),
            borderId=str(self._thin() if border else 0),
            xfId="0",
            applyFont="1",
            applyFill="1",
            applyBorder="1",
            applyAlignment="1",
            applyNumberFormat="1",
        )
        aligned = etree.SubElement(made, f"{{{_MAIN}}}alignment", vertical="top", wrapText="1")
        if centre:
            aligned.set("horizontal", "center")
        return self._append(self._formats, made)

    def _thin(self) -> int:
        if not hasattr(self, "_border"):
            border = etree.Element(f"{{{_MAIN}}}border")
            for side in ("left", "right", "top", "bottom"):
                line = etree.SubElement(border, f"{{{_MAIN}}}{side}", style="thin")
                etree.SubElement(line, f"{{{_MAIN}}}color", auto="1")
            etree.SubElement(border, f"{{{_MAIN}}}diagonal")
            self._border = self._append(self._borders, border)
        return self._border

    def _fill(self, colour: str) -> int:
        if colour not in self._filled:
            fill = etree.Element(f"{{{_MAIN}}}fill")
            pattern = etree.SubElement(fill, f"{{{_MAIN}}}patternFill", patternType="solid")
            etree.SubElement(pattern, f"{{{_MAIN}}}fgColor", rgb=colour)
            etree.SubElement(pattern, f"{{{_MAIN}}}bgColor", indexed="64")
            self._filled[colour] = self._append(self._fills, fill)
        return self._filled[colour]

    @staticmethod
    def _append(of: etree._Element, made: etree._Element) -> int:
        of.append(made)
        of.set("count", str(len(of)))
        return len(of) - 1


class _Cells:
    """The cells of a worksheet by their names; missing ones are put where they belong."""

    def __init__(self, data: etree._Element) -> None:
        self._data = data
        self._rows: dict[int, etree._Element] = {}
        self._cells: dict[str, etree._Element] = {}
        number = 0
        for row in data:
            number = int(row.get("r") or number + 1)
            self._rows[number] = row
            for cell in row:
                if cell.get("r"):
                    self._cells[cell.get("r") or ""] = cell

    def at(self, ref: str) -> etree._Element:
        """The cell of that name."""
        if ref not in self._cells:
            match = _CELL.fullmatch(ref)
            assert match is not None
            row = self._row(int(match[2]))
            before = [n for n, cell in enumerate(row) if _column(cell.get("r") or "A1") < _column(ref)]
            cell = etree.Element(f"{{{_MAIN}}}c", r=ref)
            if row.get("s"):
                cell.set("s", row.get("s") or "0")
            row.insert(before[-1] + 1 if before else 0, cell)
            self._cells[ref] = cell
        return self._cells[ref]

    def _row(self, number: int) -> etree._Element:
        if number not in self._rows:
            row = etree.Element(f"{{{_MAIN}}}row", r=str(number))
            before = [n for n in self._rows if n < number]
            if before:
                self._rows[max(before)].addnext(row)
            else:
                self._data.insert(0, row)
            self._rows[number] = row
        return self._rows[number]


def _column(ref: str) -> int:
    column = 0
    for letter in ref.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return column


class _Comments:
    """The comments of a worksheet with the boxes that they are shown in; a sheet's own ones stay."""

    def __init__(self, package: _Package, part: str, root: etree._Element) -> None:
        self._package = package
        folder = posixpath.dirname(posixpath.dirname(part))
        comments = package.related(part, "comments")
        if comments is None:
            comments = package.free_name(f"{folder}/comments{{}}.xml")
            made = etree.Element(f"{{{_MAIN}}}comments", nsmap={None: _MAIN})
            etree.SubElement(made, f"{{{_MAIN}}}authors")
            etree.SubElement(made, f"{{{_MAIN}}}commentList")
            package.add(comments, made, _COMMENTS_TYPE)
            package.relate(part, "comments", comments)
        self._comments = package.tree(comments)
        drawing = root.find(f"{{{_MAIN}}}legacyDrawing")
        if drawing is None:
            shapes = package.free_name(f"{folder}/drawings/vmlDrawing{{}}.vml")
            package.add(shapes, _new_shapes())
            _declare_vml(package)
            element = etree.Element(f"{{{_MAIN}}}legacyDrawing")
            element.set(f"{{{_OFFICE}}}id", package.relate(part, "vmlDrawing", shapes))
            _insert_in_order(root, element)
        else:
            wanted = drawing.get(f"{{{_OFFICE}}}id")
            (target,) = [one.get("Target") or "" for one in package.relations(part) if one.get("Id") == wanted]
            shapes = _target(part, target)
        self._shapes = package.tree(shapes)

    def add(self, texts: Mapping[str, str]) -> None:
        """Hangs a text on each cell; what a cell says already is kept above it."""
        authors, listed = _child(self._comments, "authors"), _child(self._comments, "commentList")
        name = str(answer_texts()["comment_author"])
        last = {str(number) for number, one in enumerate(authors) if one.text == name}
        for comment in [one for one in listed if one.get("authorId") in last and one.get("ref") not in texts]:
            listed.remove(comment)
        author = etree.SubElement(authors, f"{{{_MAIN}}}author")
        author.text = name
        own = {comment.get("ref"): comment for comment in listed}
        for number, (ref, text) in enumerate(texts.items()):
            if ref in own:
                written = _child(own[ref], "text")
                if own[ref].get("authorId") in last:
                    written.clear()
                else:
                    text = f"\n{text}"
            else:
                comment = etree.SubElement(listed, f"{{{_MAIN}}}comment", ref=ref, authorId=str(len(authors) - 1))
                written = etree.SubElement(comment, f"{{{_MAIN}}}text")
                self._shapes.append(_shape(ref, number))
            run = etree.SubElement(written, f"{{{_MAIN}}}r")
            shown = etree.SubElement(run, f"{{{_MAIN}}}t")
            shown.text = _clean(text)
            shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            # A text is either runs or one plain text.
            for plain in written.findall(f"{{{_MAIN}}}t"):
                made = etree.Element(f"{{{_MAIN}}}r")
                written.replace(plain, made)
                made.append(plain)


# The children of a worksheet that come after the boxes of comments (ECMA-376 part 1, 18.3.1.99).
_AFTER_LEGACY = ("legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems", "tableParts",
                 "extLst")  # fmt: skip


def _insert_in_order(root: etree._Element, element: etree._Element) -> None:
    for child in root:
        if isinstance(child.tag, str) and etree.QName(child).localname in _AFTER_LEGACY:
            child.addprevious(element)
            return
        # Controls may stand in an alternative of a later version.
        if isinstance(child.tag, str) and etree.QName(child).localname == "AlternateContent":
            child.addprevious(element)
            return
    root.append(element)


def _declare_vml(package: _Package) -> None:
    types = package.tree("[Content_Types].xml")
    if not any((one.get("Extension") or "").lower() == "vml" for one in types):
        kind = "application/vnd.openxmlformats-officedocument.vmlDrawing"
        types.insert(0, etree.Element(f"{{{_TYPES}}}Default", Extension="vml", ContentType=kind))


def _new_shapes() -> etree._Element:
    return etree.fromstring(
        f'<xml xmlns:v="{_VML}" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="{_EXCEL}">'
        '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
        '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
        '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
    )


def _shape(ref: str, number: int) -> etree._Element:
    match = _CELL.fullmatch(ref)
    assert match is not None
    column, row = _column(ref) - 1, int(match[2]) - 1
    top = max(row - 1, 0)
    return etree.fromstring(
        f'<v:shape xmlns:v="{_VML}" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="{_EXCEL}" '
        f'id="ansinh{number}_{ref}" type="#_x0000_t202" '
        'style="position:absolute;width:240pt;height:110pt;z-index:9;visibility:hidden" fillcolor="#ffffe1" '
        'o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"/>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{column + 1}, 15, {top}, 2, {column + 5}, 15, {top + 7}, 2</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


# The first sheet


def _first_sheet(book: _Book, findings: Sequence[Finding], lines: Sequence[str]) -> etree._Element:
    texts, styles = answer_texts(), book.styles
    root = etree.Element(f"{{{_MAIN}}}worksheet", nsmap={None: _MAIN, "r": _OFFICE})
    properties = etree.SubElement(root, f"{{{_MAIN}}}sheetPr")
    etree.SubElement(properties, f"{{{_MAIN}}}pageSetUpPr", fitToPage="1")
    views = etree.SubElement(root, f"{{{_MAIN}}}sheetViews")
    etree.SubElement(views, f"{{{_MAIN}}}sheetView", tabSelected="1", workbookViewId="0", showGridLines="0")
    columns = etree.SubElement(root, f"{{{_MAIN}}}cols")
    for number, width in enumerate(_WIDTHS, start=1):
        etree.SubElement(
            columns, f"{{{_MAIN}}}col", min=str(number), max=str(number), width=str(width), customWidth="1"
        )
    data = etree.SubElement(root, f"{{{_MAIN}}}sheetData")
    sheet = _Sheet(data)
    merged, whole = [], sum(_WIDTHS)
    for number, line in enumerate([texts["title"], *lines]):
        style = styles.plain(bold=number in (0, 2), size=14 if number == 0 else 12)
        height = 24 if number == 0 else row_height([line], [whole * 0.85])
        sheet.row([(line, style)], height)
        merged.append(f"A{sheet.number}:F{sheet.number}")
    links = list(_table(sheet, book, findings)) if findings else []
    joined = etree.SubElement(root, f"{{{_MAIN}}}mergeCells", count=str(len(merged)))
    for area in merged:
        etree.SubElement(joined, f"{{{_MAIN}}}mergeCell", ref=area)
    if links:
        listed = etree.SubElement(root, f"{{{_MAIN}}}hyperlinks")
        for cell, location in links:
            etree.SubElement(listed, f"{{{_MAIN}}}hyperlink", ref=cell, location=location, display=location)
    etree.SubElement(
        root, f"{{{_MAIN}}}pageMargins", left="0.4", right="0.4", top="0.5", bottom="0.5", header="0.3", footer="0.3"
    )
    etree.SubElement(
        root, f"{{{_MAIN}}}pageSetup", paperSize="9", orientation="landscape", fitToWidth="1", fitToHeight="0"
    )
    return root


def _table(sheet: _Sheet, book: _Book, findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Writes the table of findings; yields which cells lead where."""
    texts, styles = answer_texts(), book.styles
    head = styles.plain(bold=True, border=True, colour="FFD9E2EC", centre=True)
    sheet.row([], 8)
    sheet.row([(label, head) for label in texts["columns"]], 20)
    grounds = {"error": _COLOURS["error"], "warning": _COLOURS["warning"], "info": ""}
    plain = {one: styles.plain(border=True, colour=ground) for one, ground in grounds.items()}
    text = styles.plain(border=True)
    link, number = styles.plain(border=True, link=True), styles.plain(border=True, number="#,##0")
    for count, one in enumerate(findings[:_MOST_LISTED], start=1):
        shown = one.ref or "; ".join(one.refs[:3])
        place = _place(one.ref, book.parts_by_sheet)
        # Of the Vietnamese text alone: what a clerk prints and reads.
        values: list[tuple[object, int]] = [
            (count, text),
            (texts["severities"][one.severity], plain[one.severity]),
            (shown, link if place is not None else text),
            (one.message_vi, text),
            (float(one.lhs) if one.lhs is not None else "", number),
            (float(one.right) if one.right is not None else "", number),
        ]
        height = row_height([str(values[2][0]), one.message_vi], [_WIDTHS[2] - 1, _WIDTHS[3] - 4])
        sheet.row(values, height)
        if place is not None:
            quoted = place[0].replace("'", "''")
            yield f"C{sheet.number}", f"'{quoted}'!{place[1]}"
    if len(findings) > _MOST_LISTED:
        sheet.row([(texts["more"].format(count=len(findings) - _MOST_LISTED), text)], 20)


class _Sheet:
    """Rows of texts and numbers; a text is written as itself, never as a formula."""

    def __init__(self, data: etree._Element) -> None:
        self._data, self.number = data, 0

    def row(self, cells: Sequence[tuple[object, int]], height: int) -> None:
        """Adds a row of values with their cell formats, so many points high."""
        self.number += 1
        row = etree.SubElement(self._data, f"{{{_MAIN}}}row", r=str(self.number), ht=str(height), customHeight="1")
        for letter, (value, style) in zip("ABCDEFGH", cells, strict=False):
            cell = etree.SubElement(row, f"{{{_MAIN}}}c", r=f"{letter}{self.number}", s=str(style))
            if isinstance(value, int | float):
                etree.SubElement(cell, f"{{{_MAIN}}}v").text = repr(value)
            elif value:
                cell.set("t", "inlineStr")
                shown = etree.SubElement(etree.SubElement(cell, f"{{{_MAIN}}}is"), f"{{{_MAIN}}}t")
                shown.text = _clean(str(value))
                shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
