"""The text of `udfs.bas`: it agrees with xlwings' own generator, and the compiler would take it."""

import re
import sys

import pytest
import vba_lint
from places import STUBS

from xlhedge.catalog import CATALOG
from xlhedge.hosts.excel import vba

sys.path.insert(0, str(STUBS))
from fake_excel import Excel

DECLARED = re.compile(r"^(?:Public )?Function (\w+)\((.*)\)$")


@pytest.fixture(scope="module")
def text():
    return vba.render()


def functions(text):
    """Name to argument list, for the functions of the catalogue."""
    lines = (
        code for _, code in vba_lint.statements(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    )
    found = (DECLARED.match(" ".join(code.split())) for code in lines)
    return {match[1]: match[2] for match in found if match and match[1] in CATALOG}


def test_every_function_of_the_catalogue_has_a_wrapper_and_no_other_name_is_public(text):
    assert list(functions(text)) == list(CATALOG)
    public = set(re.findall(r"^Public (?:Function|Sub) (\w+)", text, re.MULTILINE))
    own = {"XLHEDGE_LAST_ERROR", "XlhedgeNames", "XlhedgeRegister", "XlhedgeReenter"}
    assert public - set(CATALOG) == own | {"XlhedgeReenterIn", "XlhedgeLogFolder"}


def test_the_signatures_agree_with_those_of_xlwings_own_generator(text):
    with Excel() as excel:
        generated = functions(excel.ask("generate"))
    ours = functions(text)
    assert set(generated) == set(ours)
    for name, signature in generated.items():
        escaped = re.sub(
            r"(\w+)(?=,|\(|$)", lambda word, name=name: vba.identifier(word[1], name), signature
        )
        assert ours[name] == escaped


def test_the_text_passes_the_lint(text):
    assert vba_lint.problems(text) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("x = Missing_Name", "Missing_Name is not declared"),
        ("Dim x As Long: y = 1", "y is not declared"),
        ('Debug.Print "é"', "not ASCII"),
        ("x = " + "1 + " * 300, "longer than 1023"),
    ],
)
def test_the_lint_sees_what_a_compiler_would_refuse(wrong, told):
    module = f"Option Explicit\r\nSub Main()\r\n    {wrong}\r\nEnd Sub\r\n"
    assert any(told in problem for problem in vba_lint.problems(module))
    assert vba_lint.problems("Option Explicit\r\nSub Main()\r\nEnd Sub\r\n") == []


def test_an_argument_that_is_a_word_of_vba_or_the_function_itself_is_escaped():
    assert vba.identifier("step") == "step_"
    assert vba.identifier("Date") == "Date_"
    assert vba.identifier("basis", "BASIS") == "basis_"
    assert vba.identifier("price", "LIQ_PRICE") == "price"


def test_help_for_the_wizard_fits_its_limits_and_is_ascii(text):
    texts = re.findall(r'^        "((?:[^"]|"")*)"(?:, _)?$', text.replace("\r", ""), re.MULTILINE)
    assert len(texts) == sum(1 + len(spec.parameters) for spec in CATALOG.values())
    assert all(0 < len(item.replace('""', '"')) <= vba.HELP_LIMIT for item in texts)
    assert vba.ascii_text("Δb = r_S − r_F, “×”…") == 'db = r_S - r_F, "x"...'


def test_each_function_registers_its_own_arguments(text):
    plain = text.replace("\r", "")
    for name, spec in CATALOG.items():
        block = re.search(rf'    Describe "{name}", _\n((?:        ".*\n)+)', plain)[1]
        assert len(block.splitlines()) == 1 + len(spec.parameters)


def test_no_call_hands_an_excel_object_to_python(text):
    assert re.findall(r"\.CallUDF\(.*\)", text) == [
        '.CallUDF("xlhedge.udfs", worksheet_name, values))'
    ]
    assert "Application.Caller" not in text
    assert "Err.Description" not in re.sub(r"(NoteFailure|WriteLog) .*", "", text)
