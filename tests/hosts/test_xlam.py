"""The add-in: its VBA project round-trips through independent readers, and its parts fit."""

import io
import random
import re
import warnings
import zipfile

import olefile
import pytest
import vba_lint
from lxml import etree

from xlhedge.hosts.excel import vba, xlam
from xlhedge.hosts.excel.ovba import compound
from xlhedge.hosts.excel.ovba.compression import compress

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it uses pyparsing's old names
    from oletools import olevba

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def add_in():
    return xlam.build(vba.render())


@pytest.fixture(scope="module")
def package(add_in):
    return zipfile.ZipFile(io.BytesIO(add_in))


def samples():
    numbers = random.Random(1)
    yield b"abc"
    yield b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    yield b"a" * 10_000
    yield bytes(numbers.choice(b"ab \r\n") for _ in range(9_000))
    yield bytes(numbers.randrange(256) for _ in range(4_096))
    yield vba.render().encode("cp1252")


@pytest.mark.parametrize("data", list(samples()), ids=len)
def test_what_is_compressed_is_read_back_by_another_decompressor(data):
    assert bytes(olevba.decompress_stream(bytearray(compress(data)))) == data


def test_the_compressor_gives_the_bytes_of_the_specification_for_its_example():
    # [MS-OVBA] 3.2.3: the specification's own compressed form of 73 letters a.
    assert compress(b"a" * 73) == bytes.fromhex("01 03 B0 02 61 45 00")


def test_a_compound_file_holds_short_long_empty_and_many_streams():
    long = bytes(range(256)) * 400
    storage = {f"stream {n}": bytes([n]) * n * 10 for n in range(40)}
    inside = {
        "long": long,
        "cutoff": long[:4096],
        "below": long[:4095],
        "empty": b"",
        "in": storage,
    }
    read = olefile.OleFileIO(io.BytesIO(compound.write(inside)))
    assert read.openstream("long").read() == long
    assert read.openstream("cutoff").read() == long[:4096]
    assert read.openstream("below").read() == long[:4095]
    assert read.openstream("empty").read() == b""
    assert {f"in/{n}" for n in storage} <= {"/".join(path) for path in read.listdir()}
    assert all(read.openstream(f"in/{n}").read() == data for n, data in storage.items())
    assert not read.parsing_issues


def test_the_sources_inside_are_the_sources_that_went_in(add_in):
    parser = olevba.VBA_Parser("xlhedge.xlam", data=add_in)
    found = {path.rsplit("/")[-1]: code for _, path, _, code in parser.extract_macros()}
    assert found == {module.name: module.text for module in xlam.modules(vba.render())}
    assert found["xlhedge_udfs"] == vba.render()


def test_nothing_in_it_looks_like_malware_beyond_what_it_must_do(add_in):
    parser = olevba.VBA_Parser("xlhedge.xlam", data=add_in)
    found = {(kind, word) for kind, word, _ in parser.analyze_macros()}
    assert {word for kind, word in found if kind == "AutoExec"} == {"Workbook_Open"}
    programs = {word for kind, word in found if kind == "IOC" and word.endswith(".exe")}
    assert programs == {"python.exe", "pythonw.exe", "explorer.exe"}
    words = {word.lower() for kind, word in found if kind == "Suspicious"}
    assert not words & {"createobject", "powershell", "wscript.shell", "vbhide", "http", "kill"}


def test_the_other_modules_pass_the_lint_too(add_in):
    modules = {module.name: module.text for module in xlam.modules(vba.render())}
    declared = {
        name
        for text in modules.values()
        for name in vba_lint.outline(list(vba_lint.statements(text)))[0]
    }
    for name, text in modules.items():
        assert vba_lint.problems(text, declared) == [], name


def test_every_button_has_its_macro_and_a_name_of_its_own(package):
    ribbon = etree.fromstring(package.read("customUI/customUI14.xml"))
    buttons = ribbon.findall(".//{*}button")
    labels = ["Recalculate", "New from template", "Why", "Log", "Restart Python", "Doctor", "Help"]
    assert [button.get("label") for button in buttons] == labels
    macros = next(m.text for m in xlam.modules("") if m.name == "xlhedge_ribbon")
    for button in buttons:
        assert f"Public Sub {button.get('onAction')}(ByVal control As Object)" in macros
    identifiers = [item.get("id") for item in ribbon.iter() if item.get("id")]
    assert len(identifiers) == len(set(identifiers))


def test_the_package_is_an_add_in_whose_parts_and_links_agree(package):
    types = package.read("[Content_Types].xml").decode()
    assert "vnd.ms-excel.addin.macroEnabled.main+xml" in types
    assert "sheet.macroEnabled" not in types
    for name in package.namelist():
        if name.endswith(".rels"):
            folder = name.split("_rels/")[0]
            for target in re.findall(r'Target="([^"]+)"', package.read(name).decode()):
                assert folder + target in package.namelist()
    assert 'codeName="ThisWorkbook"' in package.read("xl/workbook.xml").decode()
    assert 'codeName="Sheet1"' in package.read("xl/worksheets/sheet1.xml").decode()


def test_the_same_text_gives_the_same_bytes(add_in):
    assert xlam.build.__wrapped__(vba.render.__wrapped__()) == add_in


def revealed(text):
    """The data in one of the project's obscured properties, read as [MS-OVBA] 2.4.3.3 says."""
    hidden = bytes.fromhex(text)
    seed, version, key = hidden[0], hidden[0] ^ hidden[1], hidden[0] ^ hidden[2]
    plain, shown = key, []
    for before, byte in zip(hidden[1:], hidden[3:], strict=False):
        plain = byte ^ (before + plain & 0xFF)
        shown.append(plain)
    data = bytes(shown[(seed & 6) // 2 :])
    assert int.from_bytes(data[:4], "little") == len(data[4:])
    return version, key, data[4:]


def test_the_project_is_neither_locked_nor_hidden(add_in):
    project = zipfile.ZipFile(io.BytesIO(add_in)).read("xl/vbaProject.bin")
    text = olefile.OleFileIO(io.BytesIO(project)).openstream("PROJECT").read().decode()
    values = dict(re.findall(r'^(\w+)="(.*)"\r$', text, re.MULTILINE))
    key = sum(values["ID"].encode()) & 0xFF
    assert revealed(values["CMG"]) == (2, key, bytes(4))
    assert revealed(values["DPB"]) == (2, key, b"\x00")
    assert revealed(values["GC"]) == (2, key, b"\xff")


def test_what_office_wrote_is_read_by_the_same_rule():
    # From a project that Excel saved, with its identifier.
    key = sum(b"{E166F130-7A7D-463D-A36A-DF5CC07216B9}") & 0xFF
    assert revealed("1C1EFBF0B83CBC3CBC3CBC3CBC") == (2, key, bytes(4))
    assert revealed("1C1EFBF0B839B939B9C6") == (2, key, b"\xff")


def test_python_is_started_isolated_and_from_no_place_that_a_workbook_names():
    bridge = next(m.text for m in xlam.modules("") if m.name == "xlhedge_bridge")
    assert '\\venv\\Scripts\\" & program' in bridge
    assert "-I -m xlhedge.windows.serve $(CLSID)" in bridge
    assert not re.search(r"ActiveWorkbook|ThisWorkbook|\bcmd\b|GetConfig", bridge)
