"""Mutants of workbooks and of CSV files: bytes, zip directories, XML by its grammar, formulas.

Each function takes a `random.Random` and what it changes; the same generator gives the same
mutant. What it did is told in a few words.
"""

import io
import struct
import warnings
import zipfile

from formula_mutations import mutated_formula
from lxml import etree
from tree_mutations import MAIN, REFERENCES, TYPES, clean, mutated_bytes, mutated_tree

MEGABYTE = 1024 * 1024

ENTITIES = [
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    b"<!DOCTYPE x>",
    b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>',
    b"<!-- <!DOCTYPE x> -->",
]


def parts_of(content):
    """Name and content of each part, in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return [(info.filename, package.read(info)) for info in package.infolist()]


def zipped(parts, compression=zipfile.ZIP_DEFLATED):
    """A package of parts, duplicates and all."""
    target = io.BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(target, "w", compression, compresslevel=1) as out,
    ):
        warnings.simplefilter("ignore")  # duplicates are meant
        for name, content in parts:
            out.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, compression)
    return target.getvalue()


# Field of a header in the central directory: offset and length in bytes.
_FIELDS = {
    "made by": (4, 2), "needed": (6, 2), "flags": (8, 2), "method": (10, 2), "time": (12, 2),
    "date": (14, 2), "crc": (16, 4), "packed": (20, 4), "size": (24, 4), "name": (28, 2),
    "extra": (30, 2), "comment": (32, 2), "disk": (34, 2), "internal": (36, 2),
    "external": (38, 4), "offset": (42, 4),
}  # fmt: skip
_END_FIELDS = {"disk": (4, 2), "start": (6, 2), "here": (8, 2), "all": (10, 2), "size": (12, 4),
               "offset": (16, 4), "comment": (20, 2)}  # fmt: skip
_LOCAL_FIELDS = {"flags": (6, 2), "method": (8, 2), "crc": (14, 4), "packed": (18, 4),
                 "size": (22, 4), "name": (26, 2), "extra": (28, 2)}  # fmt: skip


def mutated_directory(chance, content):
    """One field of a zip header changed: sizes, checksums, flags, methods, offsets."""
    signature, fields = chance.choice(
        [(b"PK\x01\x02", _FIELDS)] * 3
        + [(b"PK\x03\x04", _LOCAL_FIELDS), (b"PK\x05\x06", _END_FIELDS)]
    )
    data = bytearray(content)
    starts, at = [], data.find(signature)
    while at >= 0:
        starts.append(at)
        at = data.find(signature, at + 1)
    name, (offset, length) = chance.choice(list(fields.items()))
    if starts:
        start = chance.choice(starts) + offset
        old = int.from_bytes(data[start : start + length], "little")
        top = (1 << (8 * length)) - 1
        new = chance.choice([0, 1, top, top // 2, old + 1, old - 1, old * 2, old ^ 1, old ^ 0x800,
                             14, 12, 9, 8, 99, chance.randrange(top)]) & top  # fmt: skip
        data[start : start + length] = struct.pack("<Q", new)[:length]
    return bytes(data), f"directory: {name}"


def mutated_names(chance, content):
    """Parts renamed, doubled, left out, reordered, added; other compressions; bombs."""
    parts = parts_of(content)
    index = chance.randrange(len(parts))
    name, body = parts[index]
    how = chance.choice(
        ["rename", "rename", "double", "drop", "drop", "shuffle", "add", "swap", "bomb", "many",
         "compression", "prefix", "suffix", "folder", "empty", "part"]
    )  # fmt: skip
    evil = [
        "../" + name, "/" + name, name.upper(), name.replace("/", "\\"), "C:" + name, "",
        "x" * 60_000, name + "\n", "./" + name, name + "/", "a//b", "\x00" + name, name + " ",
        "\u00ff" + name, "xl/../" + name, "\u202e" + name,
    ]  # fmt: skip
    if how == "rename":
        parts[index] = chance.choice(evil), body
    elif how == "double":
        parts.insert(chance.randrange(len(parts)), (name, body[: chance.randrange(len(body) + 1)]))
    elif how == "drop":
        del parts[index]
    elif how == "shuffle":
        chance.shuffle(parts)
    elif how == "add":
        parts.append((chance.choice(evil), b"x"))
    elif how == "swap":
        other = chance.randrange(len(parts))
        parts[index], parts[other] = (name, parts[other][1]), (parts[other][0], body)
    elif how == "bomb":
        parts[index] = name, body + b" " * chance.choice([MEGABYTE, 12 * MEGABYTE])
    elif how == "many":
        parts += [
            (f"xl/media/{number}.xml", b"<x/>") for number in range(chance.choice([300, 11_000]))
        ]
    elif how == "folder":
        parts.insert(0, (chance.choice(["xl/", "xl/worksheets/", "[Content_Types].xml/"]), b""))
    elif how == "empty":
        parts[index] = name, chance.choice([b"", b" ", b"\n", b"<x/>", b"\xef\xbb\xbf", b"\x00"])
    elif how == "part":
        parts[index] = name, mutated_bytes(chance, body)[0]
    kind = {"compression": chance.choice([zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])}
    made = zipped(parts, kind.get(how, zipfile.ZIP_DEFLATED))
    if how == "prefix":
        made = chance.choice([b"PK\x03\x04", b"MZ" + bytes(300), b"\n"]) + made
    if how == "suffix":
        made += chance.randbytes(chance.choice([1, 100, 70_000]))
    return made, f"zip: {how} {name[:60]}"


_WEIGHTS = [
    ("worksheets/sheet", 6), ("/tables/", 5), ("workbook.xml", 4), ("Types].xml", 4),
    ("styles.xml", 4), ("sharedStrings.xml", 4), ("metadata.xml", 4),
]  # fmt: skip


def _chosen_part(chance, parts):
    """Place of an XML part; those that are read more often."""
    known = [
        place for place, (name, _) in enumerate(parts) if name.endswith((".xml", ".rels", ".vml"))
    ]
    weights = [
        next((weight for mark, weight in _WEIGHTS if mark in parts[place][0]), 1) for place in known
    ]
    return chance.choices(known, weights)[0] if known else None


def mutated_xml(chance, content):
    """One part's XML changed at some places, by what its names say or as text."""
    parts = parts_of(content)
    place = _chosen_part(chance, parts)
    if place is None:
        return content, "xml: nothing"
    name, body = parts[place]
    if chance.random() < 0.2:
        body, did = _mutated_markup(chance, body)
    else:
        body, did = mutated_tree(chance, body)
    parts[place] = name, body
    return zipped(parts), f"xml: {name}: {did}"


def _mutated_markup(chance, body):
    """What a tree cannot say: document types, encodings, nesting, damage."""
    how = chance.choice(
        ["doctype", "encoding", "bom", "wide", "cut", "deep", "bytes", "entity", "long"]
    )
    start = body.find(b"?>") + 2 if body.startswith(b"<?xml") else 0
    inside = body.find(b">", start) + 1
    if how == "doctype":
        return body[:start] + chance.choice(ENTITIES) + body[start:], how
    if how == "encoding":
        other = chance.choice([b"UTF-16", b"latin-1", b"utf-7", b"ebcdic-cp-us", b"x" * 99, b""])
        return b'<?xml version="1.0" encoding="' + other + b'"?>' + body[start:], how
    if how == "bom":
        return chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]) + body, how
    if how == "wide":
        text = body[start:].decode("utf-8", "replace")
        return text.encode(chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])), how
    if how == "cut":
        return body[: chance.randrange(len(body) + 1)], how
    if how == "deep":
        count = chance.choice([50, 300, 50_000])
        return body[:inside] + b"<x>" * count + b"</x>" * count + body[inside:], how
    if how == "entity":
        there = body.find(b">", chance.randrange(len(body) + 1)) + 1
        sort = chance.choice(
            [b"&a;", b"&#0;", b"&#55296;", b"&#x110000;", b"&lt;", b"]]>", b"<![CDATA[<]]>"]
        )
        return body[:there] + sort + body[there:], how
    if how == "long":
        return body[:inside] + b'<x y="' + b"z" * chance.choice(
            [300, 70_000, 300_000]
        ) + b'"/>' + body[inside:], how
    return mutated_bytes(chance, body)[0], how


def mutated_formulas(chance, content):
    """Formulas of one sheet changed as text."""
    parts = parts_of(content)
    sheets = [
        place
        for place, (name, body) in enumerate(parts)
        if "worksheets/" in name and b"</f>" in body
    ]
    if not sheets:
        return mutated_xml(chance, content)
    place = chance.choice(sheets)
    name, body = parts[place]
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return mutated_xml(chance, content)
    nodes = list(root.iter(f"{MAIN}f"))
    for node in chance.sample(nodes, min(len(nodes), chance.choice([1, 3, 10]))):
        node.text = clean(mutated_formula(chance, node.text or ""))
        if chance.random() < 0.15:
            node.set("t", chance.choice(TYPES))
            node.set("ref", chance.choice(REFERENCES))
    parts[place] = name, etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return zipped(parts), f"formulas: {name}"


_LEVELS = [
    (mutated_bytes, 10),
    (mutated_directory, 12),
    (mutated_names, 12),
    (mutated_xml, 50),
    (mutated_formulas, 16),
]


def mutated_book(chance, content):
    """One mutant of a workbook, and what was done to it."""
    functions, weights = zip(*_LEVELS, strict=True)
    return chance.choices(functions, weights)[0](chance, content)
