"""The VBA of the add-in, read by two programs that others wrote, which must find seeded errors.

pyvbaanalysis knows Excel's objects and types; antlr4-vba is the language's whole grammar. Each is
asked about the modules as they are in `xlhedge.xlam`. Names that are not declared are found by
`vba_lint`: the analyser takes them for another module's.
"""

import re

import pytest

from xlhedge.hosts.excel import vba, xlam

READ_BY_AN_ERROR = {"last"}
"""Variables that are written to learn whether that is an error."""

WRONG = {
    "a text in a number": ('x = "abc"', "Dim x As Long"),
    "a function without its argument": ("x = Helper()", "Dim x As Long"),
    "too many arguments": ("x = Helper(1, 2)", "Dim x As Long"),
    "a name declared twice": ("Dim x As Long", "Dim x As Long"),
    "a label that is not there": ("On Error GoTo nowhere", ""),
    "a member that Excel lacks": ("Application.NoSuchMember", ""),
    "a division by zero": ("x = 1 / 0", "Dim x As Double"),
    "an assignment to a constant": ("LIMIT = 3", ""),
}


@pytest.fixture(scope="module")
def modules():
    return {module.name: module.text for module in xlam.modules(vba.render())}


@pytest.mark.slow  # the default tests lint the same text, and seed errors
@pytest.mark.parametrize("names", ["both", "prefixed"])
def test_the_analyser_finds_nothing_in_the_whole_add_in(tmp_path, names, modules):
    from pyvbaanalysis import analyze_office_file

    path = tmp_path / "xlhedge.xlam"
    path.write_bytes(xlam.build(vba.render(names)))
    found = analyze_office_file(str(path))
    assert set(found) == set(modules)
    for name, problems in found.items():
        for problem in problems:
            unread = re.search(r"Variable '(\w+)' is assigned but its value", problem.message)
            assert unread, (name, problem.message)
            assert unread[1] in READ_BY_AN_ERROR


@pytest.mark.parametrize("seeded", WRONG)
def test_the_analyser_finds_a_seeded_error(seeded):
    from pyvbaanalysis import analyze_module

    statement, declaration = WRONG[seeded]
    text = (
        f"Option Explicit\nPrivate Const LIMIT As Long = 2\n"
        f"Private Function Helper(ByVal one As Long) As Long\n    Helper = one + LIMIT\n"
        f"End Function\nPublic Sub Main()\n    {declaration}\n    {statement}\nEnd Sub\n"
    )
    assert any(item.severity.value != "information" for item in analyze_module(text)), seeded
    sound = text.replace(f"    {declaration}\n    {statement}\n", "    Debug.Print Helper(1)\n")
    assert not [item for item in analyze_module(sound) if item.severity.value != "information"]


def refused(text):
    """What the grammar refuses in a module."""
    from antlr4 import CommonTokenStream, InputStream
    from antlr4.error.ErrorListener import ErrorListener
    from antlr4_vba.vbaLexer import vbaLexer
    from antlr4_vba.vbaParser import vbaParser

    class Listener(ErrorListener):
        found = []  # noqa: RUF012

        def syntaxError(self, recognizer, symbol, line, column, message, problem):  # noqa: N802
            self.found.append(f"line {line}: {message[:120]}")

    listener = Listener()
    lexer = vbaLexer(InputStream(text.replace("\r\n", "\n").replace("\n", "\r\n")))
    parser = vbaParser(CommonTokenStream(lexer))
    for each in (lexer, parser):
        each.removeErrorListeners()
        each.addErrorListener(listener)
    parser.startRule()
    return listener.found


PROCEDURE = re.compile(
    r"^(?:Public |Private )?(?:Sub|Function) .*?^End (?:Sub|Function)$", re.MULTILINE | re.DOTALL
)
HEAD = 'Attribute VB_Name = "Module1"\n'


def pieces(text):
    """The declarations and each procedure as modules: the grammar is slow on long ones.

    Attributes of a class stand outside the language that it knows.
    """
    plain = "\n".join(
        line for line in text.replace("\r\n", "\n").split("\n") if not line.startswith("Attribute")
    )
    yield HEAD + PROCEDURE.sub("", plain)
    for procedure in PROCEDURE.findall(plain):
        yield f"{HEAD}{procedure}\n"


@pytest.mark.slow
def test_every_procedure_that_is_written_by_hand_fits_the_grammar(modules):
    checked = 0
    for name, text in modules.items():
        head = text
        if name == "xlhedge_udfs":
            head = text[: text.index("Public Function XlhedgeNames(")]
        for piece in pieces(head):
            assert refused(piece) == [], name
            checked += 1
    assert checked > 50


@pytest.mark.slow
def test_every_generated_wrapper_fits_the_grammar(modules):
    text = modules["xlhedge_udfs"]
    wrappers = list(pieces(text[text.index("Public Function XlhedgeNames(") :]))
    assert len(wrappers) > 2 * 70
    assert [refused(piece) for piece in wrappers] == [[]] * len(wrappers)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("    End If\n", ""),
        ("End Select", "End Selct"),
        ("Next i", "Nxt i"),
        ("(values)", "(values"),
        ("As Boolean", "As"),
        ("Exit Function", "Exit"),
    ],
)
def test_the_grammar_finds_a_seeded_error(modules, sound, broken):
    text = modules["xlhedge_udfs"].replace("\r\n", "\n")
    texts = list(pieces(text[: text.index("' Gives the function")]))
    piece = next(item for item in texts[1:] if sound in item)
    assert refused(piece) == []
    assert refused(piece.replace(sound, broken, 1))
