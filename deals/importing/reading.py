"""Files as they come out of other systems: which encoding, which separator, which rows."""

import csv
import io
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..input.normalise import clean

MAX_ROWS = 100_000
MAX_COLUMNS = 200
_BOMS = [
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
]
_KNOWN = [(b"PK\x03\x04", "Excel"), (b"\xd0\xcf\x11\xe0", "Excel"), (b"%PDF", "PDF"), (b"\x1f\x8b", "gzip")]
_HEAD = 8192
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SHOWN = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
          "utf-32": "UTF-32", "cp1252": "Windows-1252", "latin-1": "Latin-1"}  # fmt: skip
_SEP_LINE = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
# A line no file holds: where a quotation mark is never closed, it ends up inside the last cell.
_END = "\0end of file\0\n"


class Unreadable(ValueError):
    """The file cannot be read; the text names the encoding or the line and says what to do."""


@dataclass(frozen=True)
class Sheet:
    """A file that can be read: its header, and its rows as often as wanted."""

    data: bytes = field(repr=False)
    encoding: str
    separator: str
    header: list
    header_line: int
    skip: int

    @property
    def shown_encoding(self):
        return _SHOWN[self.encoding]

    @property
    def shown_separator(self):
        return _SEPARATORS[self.separator]

    def rows(self):
        """(line, cells) of every row below the header that holds anything."""
        for line, cells in _cells(self.data, self.encoding, self.separator, self.skip):
            if line > self.header_line and any(cell.strip() for cell in cells):
                yield line, cells


def read(data):
    """The Sheet in the bytes of a file; Unreadable with a sentence for whoever sent it."""
    _refuse_other_kinds(data)
    encoding = _encoding(data)
    separator, skip = _separator(data, encoding)
    line, header = _header(data, encoding, separator, skip)
    sheet = Sheet(data, encoding, separator, header, line, skip)
    if next(sheet.rows(), None) is None:
        raise Unreadable(_("There is no row below the header."))
    return sheet


def _refuse_other_kinds(data):
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    for magic, name in _KNOWN:
        if data.startswith(magic):
            raise Unreadable(
                _(
                    "This is a file of the kind %(kind)s, not a text file. Save it as CSV (UTF-8) and try again."
                )
                % {"kind": name}
            )
    if not _wide(data) and _looks_binary(data[:_HEAD]):
        raise Unreadable(_("This is not a text file. Export the deals as CSV (UTF-8) and try again."))


def _looks_binary(head):
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\v\x1b\x1a" for byte in head)
    return odd > 4 and odd > len(head) / 50


def _wide(data):
    """The UTF-16 or UTF-32 a file is in, by its mark or, without one, by where its NULs are."""
    marked = [name for bom, name in _BOMS if data.startswith(bom) and name != "utf-8-sig"]
    if marked:
        return marked[0]
    head = data[:_HEAD]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 2 < len(head) * 0.6 or min(even, odd) * 2 > len(head) * 0.1:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _encoding(data):
    named = _wide(data) or ("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "")
    try:
        data.decode(named or "utf-8")
        return named or "utf-8"
    except UnicodeDecodeError as error:
        # Real UTF-8 up to here, then one broken byte: guessing would garble all that was right.
        if named or any(byte > 127 for byte in data[: error.start]):
            raise _broken(data, error, named or "utf-8") from error
    try:
        data.decode("cp1252")
        return "cp1252"
    except UnicodeDecodeError:
        return "latin-1"


def _broken(data, error, encoding):
    before = data[: error.start].decode(encoding, "ignore")
    return Unreadable(
        _("Line %(line)d holds bytes that are not %(encoding)s. Export the file again as UTF-8.")
        % {"line": before.count("\n") + 1, "encoding": _SHOWN[encoding]}
    )


def _lines(data, encoding):
    """Lines with their ends, checked for what cannot be stored."""
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as file:
        for number, line in enumerate(file, 1):
            if "\0" in line:
                raise Unreadable(
                    _("Line %(line)d holds a NUL character; a file read as %(encoding)s must not.")
                    % {"line": number, "encoding": _SHOWN[encoding]}
                )
            yield line


def _with_end(lines):
    yield from lines
    yield _END


def _cells(data, encoding, separator, skip=0):
    """(first line, cells) of every row, blank ones included."""
    lines = _lines(data, encoding)
    for _number in range(skip):
        next(lines, None)
    reader = csv.reader(_with_end(lines), delimiter=separator)
    line = 1 + skip
    while True:
        cells = _next_row(reader, line)
        if cells and "\0" in cells[-1]:
            break
        yield line, cells
        line = reader.line_num + 1 + skip
    if cells != [_END.strip("\n")]:
        raise Unreadable(_("A quotation mark opened in line %(line)d is never closed.") % {"line": line})


def _next_row(reader, line):
    try:
        return next(reader)
    except csv.Error as error:
        if "field larger" in str(error):
            raise Unreadable(
                _("A cell in line %(line)d is longer than 130,000 characters; a quotation mark may be open.")
                % {"line": line}
            ) from error
        raise Unreadable(_("Line %(line)d cannot be read as CSV.") % {"line": line}) from error


def _separator(data, encoding):
    """(separator, lines to skip): what a "sep=" line says, else what splits the first rows most evenly."""
    lines = []
    for line in _lines(data, encoding):
        lines.append(line)
        if len(lines) == 60:
            break
    said = _SEP_LINE.match(lines[0]) if lines else None
    if said and said[1] in _SEPARATORS:
        return said[1], 1
    return max(_SEPARATORS, key=lambda separator: _evenness(lines, separator)), 0


def _evenness(lines, separator):
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return (False, 0, 0)
    width = len(rows[0]) if rows else 0
    return (width > 1, sum(len(row) == width for row in rows), width)


def _header(data, encoding, separator, skip):
    line, cells = next(
        (
            (line, cells)
            for line, cells in _cells(data, encoding, separator, skip)
            if any(map(str.strip, cells))
        ),
        (0, []),
    )
    header = [clean(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    _check_header(header)
    return line, header


def _check_header(header):
    if not header:
        raise Unreadable(_("The file is empty."))
    if len(header) < 2:
        raise Unreadable(
            _("Only one column was found (%(name)s). Columns are separated by comma, semicolon or tab.")
            % {"name": header[0][:60]}
        )
    if len(header) > MAX_COLUMNS:
        raise Unreadable(
            _("The file has %(given)d columns; at most %(limit)d are read.")
            % {"given": len(header), "limit": MAX_COLUMNS}
        )
    _refuse_twins(header)


def _refuse_twins(header):
    places = {}
    for number, name in enumerate(header, 1):
        places.setdefault(name.casefold(), []).append(number)
    for name, numbers in places.items():
        if name and len(numbers) > 1:
            raise Unreadable(
                _("The column “%(name)s” appears more than once (columns %(places)s). Rename or remove one.")
                % {"name": header[numbers[0] - 1], "places": ", ".join(map(str, numbers))}
            )
