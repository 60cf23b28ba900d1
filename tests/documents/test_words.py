"""The words that users read are those of the field, and name only what users can find."""

import ast
import io
import re
import tokenize

import pytest
from places import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
MODULES = sorted((ROOT / "xlhedge").rglob("*.py"))

FORBIDDEN = {
    r"laws?": "distribution, process or model",
    r"fore(tell|tells|told|telling)": "forecast",
    r"(did|does|do|will) not settle": "did not converge",
    r"cumulated": "cumulative",
    r"seed formulas?|the seed's formulas?|SPEC": "cite what a reader can find",
    r"the mission's source": "cite what a reader can find",
}
HIDDEN = re.compile(r"\.\./shared|/work/\w")


def wrong_words(text):
    """What a text should not say, each with what to say instead."""
    found = {
        f"{match[0]}: {instead}"
        for words, instead in FORBIDDEN.items()
        for match in re.finditer(rf"\b({words})\b", text)
    }
    return found | {f"{match[0]}: a path of ours alone" for match in HIDDEN.finditer(text)}


def words_of(source):
    """The comments and texts of a module; what lies between them is code."""
    comments = [line.partition("#")[2] for line in source.splitlines() if "#" in line]
    if wrong_words("\n".join(comments)):  # or what follows a # in a text
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        comments = [token.string for token in tokens if token.type == tokenize.COMMENT]
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return "\n".join([*comments, *texts])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_uses_the_words_of_the_field(path):
    assert wrong_words(path.read_text(encoding="utf-8")) == set()


def test_docstrings_messages_and_comments_use_the_words_of_the_field():
    found = {
        path.relative_to(ROOT).as_posix(): words
        for path in MODULES
        if (words := wrong_words(words_of(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_a_wrong_word_is_found_in_prose_and_not_in_code():
    assert wrong_words("drawn from one law; see ../shared/x") == {
        "law: distribution, process or model",
        "../shared: a path of ours alone",
    }
    assert wrong_words(words_of('law = fit()  # converged\nprint("lawful")')) == set()
    assert len(wrong_words(words_of('x = "it was foretold"  # a law'))) == 2
