"""Mutants of XML by its grammar: elements, attributes and texts, after what their names say."""

import re
from copy import deepcopy

from formula_mutations import mutated_formula
from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

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


def mutated_tree(chance, body):
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
        did.append(_point(chance, nodes) or _change(chance, node, nodes))
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True), ", ".join(
        did
    )


# What readers look at: element and attribute, or element and what is done to it.
_POINTS = [
    ("row", "r"), ("row", "spans"), ("row", "s"), ("c", "r"), ("c", "t"), ("c", "s"), ("c", "cm"),
    ("f", "t"), ("f", "ref"), ("f", "si"), ("col", "min"), ("col", "max"), ("col", "style"),
    ("mergeCell", "ref"), ("dimension", "ref"), ("table", "ref"), ("table", "headerRowCount"),
    ("table", "totalsRowCount"), ("table", "name"), ("table", "displayName"), ("autoFilter", "ref"),
    ("tableColumn", "name"), ("definedName", "localSheetId"), ("definedName", "name"),
    ("sheet", "name"), ("sheet", "id"), ("workbookPr", "date1904"), ("xf", "numFmtId"),
    ("numFmt", "numFmtId"), ("numFmt", "formatCode"), ("Relationship", "Target"),
    ("Relationship", "Type"), ("Relationship", "TargetMode"), ("Override", "PartName"),
    ("Override", "ContentType"), ("conditionalFormatting", "sqref"), ("dataValidation", "sqref"),
    ("calcPr", "iterateCount"), ("row", "double"), ("c", "double"), ("sheet", "double"),
    ("tableColumn", "double"), ("tableColumn", "drop"), ("si", "drop"), ("v", "text"),
    ("row", "comment"), ("Types", "comment"), ("Relationships", "comment"), ("sheetData", "double"),
]  # fmt: skip


def _point(chance, nodes):
    """In half of the cases: change one of the places that readers look at; tells which."""
    if chance.random() < 0.5:
        return ""
    by_name = {}
    for node in nodes:
        by_name.setdefault(etree.QName(node).localname, []).append(node)
    known = [(name, what) for name, what in _POINTS if name in by_name]
    if not known:
        return ""
    name, what = chance.choice(known)
    node = chance.choice(by_name[name])
    if what in ("double", "drop") and node.getparent() is None:
        return ""
    if what == "double":
        node.addnext(deepcopy(node))
    elif what == "drop":
        node.getparent().remove(node)
    elif what == "comment":
        node.insert(chance.randrange(len(node) + 1), etree.Comment("x"))
    elif what == "text":
        node.text = clean(value(chance, chance.choice(["r", "count"]), node.text or ""))
    else:
        key = next((key for key in node.attrib if etree.QName(key).localname == what), what)
        node.set(key, value(chance, what, node.get(key, "")))
    return f"{name} {what}"


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
