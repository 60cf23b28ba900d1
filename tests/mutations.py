"""Mutants of workbooks and of CSV files: bytes, zip directories, XML by its grammar, formulas.

Each function takes a `random.Random` and what it changes; the same generator gives the same
mutant. What it did is told in a few words.
"""

import io
import re
import struct
import warnings
import zipfile
from copy import deepcopy

from formula_mutations import mutated_formula
from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MEGABYTE = 1024 * 1024

NUMBERS = [
    "-1", "0", "1", "-0", "1.5", "1e3", "1e308", "1e999", "-1e999", "NaN", "INF", "inf", "1_000",
    "2147483648", "4294967296", "18446744073709551616", "9" * 30, "9" * 5000, "0x10", " 1 ", "",
    "\u0661\u0662", "\u00b2", "true", "TRUE", "1,5", "--1", "one", "1048576", "1048577", "16385",
    "5e-324", "0.1e", "\t7\n", "_x0031_",
]  # fmt: skip
REFERENCES = [
    "A0", "A1", "a1", "$A$1", "XFD1048576", "XFE1", "A1048577", "A1:", ":A1", "A1:B", "1:1",
    "A:A", "A1:XFD1048576", "B2:A1", "#REF!", "Sheet1!A1", "R1C1", "A1 B2", "A1 B2:C3 A:A",
    "ZZZZ1", "", "A\u0663", "A1:B2:C3", "A1,B2", "A01", "A1\n", "0", "\u00c91",
    "A99999999999999999999", "A1:A1", "C3:D1048576", "A1:A1048576", "A1:XFD1", " A1", "A-1",
    "\u00b21", "\u0391" + "1", "\u0131" + "1",
]  # fmt: skip
TYPES = ["s", "n", "b", "e", "str", "inlineStr", "d", "", "x", "S", "shared", "array", "dataTable"]
WORDS = [
    "", " ", "0", "1", "-1", "Sheet1", "Hist", "time", "price", "../../evil", "/etc/passwd",
    "\u202e", "=1+1", "'", "''", "a'b", "]", "[", "#", "@", "x" * 40_000, "_x000a_", "_xD800_",
    "_xFFFF_", "_x0000_", "\U0001f680", "e\u0301", "&amp;", "A1", "TRUE", "General", "yyyy", '"',
    "[h]:mm", "%", "a!b", "rId1", "rId999", "http://localhost/", "file:///etc/passwd", "%2e%2e/x",
    "%00", "Sheet 1",
]  # fmt: skip
PLACES = {"r", "ref", "sqref", "activeCell", "topLeftCell", "r1", "r2", "spans"}
COUNTS = {
    "si", "id", "localSheetId", "cm", "vm", "min", "max", "numFmtId", "count", "uniqueCount",
    "headerRowCount", "totalsRowCount", "sheetId", "xfId", "fontId", "ht", "width", "s", "style",
    "date1904", "customFormat", "totalsRowShown", "dataDxfId", "outlineLevel", "hidden", "val",
}  # fmt: skip
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


def mutated_bytes(chance, content):
    """Some bytes flipped, cut, doubled, moved or made up."""
    data = bytearray(content)
    how = chance.choice(["flip", "flip", "cut", "insert", "delete", "double", "zero", "swap"])
    for _ in range(chance.choice([1, 1, 2, 5, 30])):
        if not data:
            break
        at = chance.randrange(len(data))
        length = chance.choice([1, 2, 4, 30, 500])
        if how == "flip":
            data[at] ^= 1 << chance.randrange(8)
        elif how == "insert":
            data[at:at] = chance.randbytes(length)
        elif how == "delete":
            del data[at : at + length]
        elif how == "double":
            data[at:at] = data[at : at + length]
        elif how == "zero":
            data[at : at + length] = bytes(len(data[at : at + length]))
        elif how == "swap":
            other = chance.randrange(len(data))
            data[at], data[other] = data[other], data[at]
    if how == "cut":
        del data[chance.randrange(len(data) + 1) :]
    return bytes(data), f"bytes: {how}"


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
        body, did = _mutated_tree(chance, body)
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


def _mutated_tree(chance, body):
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return mutated_bytes(chance, body)[0], "bytes"
    did = []
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        nodes = [node for node in root.iter() if isinstance(node.tag, str)]
        rare = {}
        for node in nodes:
            rare.setdefault(node.tag, []).append(node)
        # By tag first: cells are many, and what stands around them counts as much.
        node = chance.choice(rare[chance.choice(list(rare))])
        did.append(_change(chance, node, nodes))
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True), ", ".join(
        did
    )


_CHANGES = [
    *["attribute"] * 6, *["text"] * 3, "drop", "double", "move", "rename", "unset", "foreign",
    "comment", "adopt", "repeat", "reverse",
]  # fmt: skip


def _change(chance, node, nodes):
    """Change one element in one way; tells which."""
    parent = node.getparent()
    tag = etree.QName(node).localname
    how = chance.choice(_CHANGES)
    if how == "attribute":
        key = chance.choice(
            [*node.attrib, chance.choice(["r", "t", "s", "ref", "cm", "si", "id", "hidden"])]
        )
        old = node.get(key, "")
        short = etree.QName(key).localname
        node.set(key, value(chance, short, old))
        return f"{tag}@{short}"
    if how == "text":
        if tag in ("f", "definedName", "calculatedColumnFormula", "formula", "formula1"):
            node.text = clean(mutated_formula(chance, node.text or ""))
        else:
            node.text = clean(value(chance, "", node.text or ""))
        return f"{tag}.text"
    if how == "unset" and node.attrib:
        del node.attrib[chance.choice(list(node.attrib))]
    elif how == "rename":
        node.tag = chance.choice(
            [tag, "{x}" + tag, MAIN + chance.choice(["c", "row", "f", "v", "is", "sheet"])]
        )
    elif how == "comment":
        node.insert(0, chance.choice([etree.Comment("x"), etree.ProcessingInstruction("x", "y")]))
    elif how == "foreign":
        etree.SubElement(
            node, chance.choice(["{x}y", MAIN + "extLst", MAIN + "v", MAIN + "f", MAIN + "c"])
        ).text = "1"
    elif how == "adopt":
        node.append(deepcopy(chance.choice(nodes)))
    elif how == "reverse":
        node[:] = reversed(node)
    elif parent is None:
        return f"{tag} stays"
    elif how == "drop":
        parent.remove(node)
    elif how == "double":
        node.addnext(deepcopy(node))
    elif how == "repeat":
        for _ in range(200):
            parent.append(deepcopy(node))
    elif how == "move":
        other = chance.choice(nodes)
        if not any(above is node for above in (other, *other.iterancestors())):
            other.append(node)
    return f"{tag} {how}"


def value(chance, key, old):
    """Another value of an attribute, after its name; often one of a wrong kind."""
    kind = chance.random()
    if kind < 0.15 and old:
        at = chance.randrange(len(old))
        return clean(
            old[:at] + chance.choice(["", "9", "-", ":", "$", "\u00e9", " "]) + old[at + 1 :]
        )
    if kind < 0.7:
        if key in PLACES:
            return clean(chance.choice(REFERENCES + NUMBERS[:12]))
        if key == "t":
            return chance.choice(TYPES)
        if key in COUNTS or old.lstrip("-").isdigit():
            return clean(chance.choice(NUMBERS))
    return clean(chance.choice(chance.choice([NUMBERS, REFERENCES, TYPES, WORDS])))


_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text):
    """Text without what XML cannot hold."""
    return _UNWRITABLE.sub("", text)


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
