"""The text of `udfs.bas`: it agrees with xlwings' own generator, and the compiler would take it."""

import re
import sys

import pytest
import vba_lint
from places import STUBS

from xlhedge.catalog import CATALOG, prefixed
from xlhedge.hosts.excel import vba, xlam

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
    assert set(functions(text)) == {*CATALOG, *CATALOG.second_names}
    public = set(re.findall(r"^Public (?:Function|Sub) (\w+)", text, re.MULTILINE))
    own = {"XLHEDGE_LAST_ERROR", "XlhedgeNames", "XlhedgeRegister", "XlhedgeReenter", "OwnName"}
    own |= {"XlhedgeReenterIn", "XlhedgeLogFolder", "XlhedgeStart", "XlhedgeHeard"}
    assert public - {*CATALOG, *CATALOG.second_names} == own


def test_the_signatures_agree_with_those_of_xlwings_own_generator(text):
    with Excel() as excel:
        generated = functions(excel.ask("generate"))
    ours = functions(text)
    assert set(generated) == set(CATALOG)
    for name, signature in generated.items():
        escaped = re.sub(r"(\w+)(?=,|\(|$)", lambda word: vba.identifier(word[1]), signature)
        assert ours[name] == ours[prefixed(name)] == escaped


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
    assert vba.identifier("hedge_ratio") == "hedge_ratio_", "HEDGE_RATIO is a function"
    assert vba.identifier("price") == "price"


def test_the_editor_can_show_every_function_in_capitals_as_no_other_thing_has_its_name():
    # It has one spelling for a name in all modules of a project.
    names = {name.lower() for name in (*CATALOG, *CATALOG.second_names)}
    for module in xlam.modules(vba.render()):
        code = " ".join(code for _, code in vba_lint.statements(module.text.replace("\n", "\r\n")))
        for word in re.findall(r"[A-Za-z]\w+", code):
            assert word == word.upper() or word.lower() not in names, (module.name, word)


def test_with_second_names_only_no_common_word_is_taken():
    names = set(functions(vba.render("prefixed")))
    assert names == {prefixed(name) for name in CATALOG}
    assert "BETA" not in names
    both = vba.render()
    assert both.count('= Answer("BETA", Array(') == 2, "both names ask for the same function"


def test_a_function_that_simulates_says_so_and_no_other_does(text):
    simulating = {n for n, s in CATALOG.items() if "seed" in {p.name for p in s.parameters}}
    calls = re.findall(r'Answer\("(\w+)", (?:Array\([^()]*\)|given)(, True)?\)', text)
    assert {name for name, slow in calls if slow} == simulating
    assert len(calls) == len(CATALOG) + len(CATALOG.second_names)
    assert "VAR_JOINT" in simulating


def test_the_list_of_names_is_whole_however_long_it_grows(text):
    body = re.search(r"Function XlhedgeNames.*?End Function", text, re.DOTALL)[0]
    listed = "".join(re.findall(r'listed & "(.*?)"', body)).split()
    assert listed == [*CATALOG, *CATALOG.second_names]


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
    # Brackets around an argument pass its value, not a reference to it.
    called = '.CallUDF("xlhedge.udfs", (worksheet_name), (values))'
    assert re.findall(r"\.CallUDF\(.*\)", text) == [called, called]
    assert "Application.Caller" not in text
    assert "Err.Description" not in re.sub(
        r"(NoteFailure|WriteLog|Entered =|sentence =) .*", "", text
    )
