"""Mutants of formulas and of CSV files; see `mutations.py`."""

import csv
import io
import re

_TOKEN = re.compile(
    r"""'[^']*'!?|"[^"]*"|\[[^\]]*\]|[A-Za-z_.]+\(|\$?[A-Z]{1,3}\$?\d+|[\w.]+|\s+|.""", re.DOTALL
)
PIECES = [
    "SUM(", "(", ")", ",", ";", "{", "}", "[", "]", "!", "#", "@", ":", "%", "^", "-", "+", "&",
    '"', "'", "'''", "A1", "$A$1:$B$9", "A:A", "1:1", "A1:XFD1048576", "XFE1", "A0", "#REF!",
    "#N/A", "1E999", "1e308", "TRUE", "LAMBDA(x,", "LET(a,1,", "_xlfn.", "_xlfn.ANCHORARRAY(",
    "_xlfn.SINGLE(", "_xlws.FILTER(", "_xlpm.x", "INDIRECT(", 'INDIRECT("A1")', "OFFSET(A1,1,1)",
    "SEQUENCE(9,9)", "SEQUENCE(1048576,16384)", "RANDARRAY(3)", 'REPT("x",1E9)', "{1,2;3}",
    "{1,2;3,4}", "{}", "Hist[price]", "Hist[@price]", "Hist[[#This Row],[price]]", "Hist[",
    "Hist[[", "Hist[#All]", "Hist[nothing]", "Nothing[x]", "[1]Sheet1!A1", "Sheet1:Sheet2!A1",
    "'Other Sheet'!A1", "nothing", "WEBSERVICE(", "HEDGE_RATIO(", "HEDGE_RATIO(A1:A9,B1:B9)",
    "LIQ_PRICE(", "VAR_", "ROUND(A1:A9,0)", "MAP(A1:A3,", "REDUCE(", "MMULT(", "\u00a0", "\n",
    "\u202e", "\U0001f680", "1" * 400, "ROW()", "IF(", "CHOOSE(", "XLOOKUP(", 'TEXT(A1,"yyyy")',
    "DATE(9999,12,31)", "10^400", "A1#", "A1 B2", "A1,B2", "\x0b",
]  # fmt: skip


def mutated_formula(chance, text):
    """A formula with pieces added, dropped, doubled, swapped, nested or made up."""
    pieces = _TOKEN.findall(text)
    how = chance.random()
    if how < 0.1:
        return "".join(chance.choices(PIECES, k=chance.choice([1, 3, 8, 20])))
    if how < 0.15:
        return text[: chance.randrange(len(text) + 1)]
    if how < 0.2:
        depth = chance.choice([5, 60, 130, 5000])
        return (
            chance.choice(["(", "SUM(", "-", "{", "IF(1,", "LAMBDA(x,", "'", "["]) * depth
            + text
            + ")" * depth
        )
    if how < 0.23:
        return text + "+1" * chance.choice([100, 3000, 9000])
    for _ in range(chance.choice([1, 1, 2, 4])):
        at = chance.randrange(len(pieces) + 1)
        kind = chance.randrange(5)
        if kind <= 1 or not pieces:
            pieces.insert(at, chance.choice(PIECES))
        elif kind == 2:
            del pieces[at % len(pieces)]
        elif kind == 3:
            pieces[at % len(pieces)] = chance.choice(PIECES)
        else:
            other = chance.randrange(len(pieces))
            pieces[at % len(pieces)], pieces[other] = pieces[other], pieces[at % len(pieces)]
    return "".join(pieces)


FIELDS = [
    "", " ", "1", "-1", "1e999", "nan", "inf", "-inf", "NaN", "1,5", "1.234,5", "1_000", "0x10",
    "TRUE", "#N/A", "=1+1", "@SUM(1)", "+1", "-1-1", "'", '"', '""', '"a', 'a"b', "\x00", "\x07",
    "\x1b[31m", "\u2028", "\ufeff", "\u202e", "\U0001f680", "x" * 40_000, "9" * 400, "9" * 5000,
    "2024-01-01", "2024-13-45", "0000-00-00", "9999-12-31T23:59:59Z", "1899-12-30",
    "1970-01-01T00:00:00+99:99", "2024-02-30", "2024-01-01T25:00", "1704067200", "1704067200000",
    "17040672000000000000000", "-1e18", "2024-01-01T00:00:00.123456789Z", "01/02/2024", "\u0661",
    "\u00b2", "_x0000_", "_xD800_", "\ud7ff", "a\rb", "a\nb", "\t", ";", "None",
]  # fmt: skip
ENCODINGS = [
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "latin-1",
    "cp1252",
    "shift-jis",
    "cp037",
]


_CHANGES = [
    *["cells"] * 6, "ragged", "quotes", "encoding", "delimiter", "bytes", "ends", "rows", "header",
    "header", "wide", "long", "cut", "nul", "empty",
]  # fmt: skip


def mutated_csv(chance, content):
    """One mutant of a CSV file, and what was done to it."""
    how = chance.choice(_CHANGES)
    text = content.decode("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(text.replace("\x00", ""), newline=""))) or [[""]]
    line = chance.choice(rows[1:] or rows)
    if how == "cells":
        for _ in range(chance.choice([1, 1, 2, 5])):
            line = chance.choice(rows[1:] or rows)
            if line:
                line[chance.randrange(len(line))] = chance.choice(FIELDS)
    elif how == "ragged":
        line[:] = chance.choice([[*line, ""], line + line, line[:-1], [], [""] * 20_000])
    elif how == "rows":
        chance.choice(
            [rows.reverse, rows.clear, lambda: chance.shuffle(rows), lambda: rows.extend(rows * 3)]
        )()
    elif how == "header" and rows:
        rows[0][:] = chance.choice([
            rows[0][::-1], rows[0] * 2, [chance.choice(FIELDS) for _ in rows[0]],
            [""] * len(rows[0]), [cell.upper() for cell in rows[0]],
            [cell + " " for cell in rows[0]], ["1"] * len(rows[0]), rows[0][1:],
        ])  # fmt: skip
    elif how == "wide":
        rows = [
            row + [str(place) for place in range(chance.choice([300, 17_000]))] for row in rows[:20]
        ]
    elif how == "long" and line:
        line[0] = "9" * chance.choice([1000, 131_072, 200_000])
    written = io.StringIO()
    delimiter = chance.choice(",;\t|: ") if how == "delimiter" else ","
    csv.writer(
        written, delimiter=delimiter, lineterminator=chance.choice(["\n", "\r\n"])
    ).writerows(rows)
    text = written.getvalue()
    if how == "quotes" and text:
        at = chance.randrange(len(text))
        text = text[:at] + chance.choice(['"', '""', '"""', "'", '"\n', ',"', '",']) + text[at:]
    elif how == "ends":
        text = text.replace(
            "\n", chance.choice(["\r", "\n\n", "\r\r\n", "\u2028", "\x0b", "\x1c", "\x85"])
        )
    elif how == "nul" and text:
        at = chance.randrange(len(text))
        text = text[:at] + "\x00" * chance.choice([1, 100]) + text[at:]
    elif how == "cut":
        text = text[: chance.randrange(len(text) + 1)]
    encoding = chance.choice(ENCODINGS) if how == "encoding" else "utf-8"
    data = text.encode(encoding, "replace")
    if how == "bytes":
        data = bytearray(data)
        for _ in range(min(len(data), 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif how == "empty":
        data = chance.choice(
            [b"", b"\n", b"\xef\xbb\xbf", b",", b'"', b"\x00", b"PK\x03\x04", b"time\n"]
        )
    return bytes(data), f"csv: {how}"
