"""The documentation: its links lead somewhere, and each thing is said once."""

import doctest
import inspect
import re

from places import DOCS
from tables import each

from xlhedge.catalog import CATALOG

PAGES = [DOCS.parent / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(text):
    """The anchors that a page's headings get, as Markdown hosts form them."""
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


LINKED = [page for page in PAGES if LINK.search(page.read_text(encoding="utf-8"))]


@each("page", LINKED)
def test_every_link_leads_to_a_page_and_its_heading(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_index_names_every_document():
    index = DOCS / "README.md"
    named = {(DOCS / link).resolve() for link in LINK.findall(index.read_text(encoding="utf-8"))}
    documents = {*DOCS.glob("*.md"), DOCS / "functions" / "README.md"} - {index}
    assert {page.resolve() for page in documents} <= named


def test_the_tables_of_the_calibration_are_printed_once():
    tables = re.findall(r"^\|.*\|$", (DOCS / "calibration.md").read_text("utf-8"), re.MULTILINE)
    rows = {row for row in tables if re.search(r"\d", row)}
    assert len(rows) > 30
    others = (page for page in PAGES if page.name != "calibration.md")
    assert not any(rows & set(page.read_text("utf-8").splitlines()) for page in others)


@each("name", sorted(set(CATALOG) - {"XLHEDGE_VERSION"}))
def test_the_method_says_what_each_function_is_for(name):
    text = (DOCS / "method.md").read_text(encoding="utf-8")
    assert re.search(rf"`{name}\b", text)


def examples(text):
    """What is typed and what it prints, without the fences of Markdown."""
    parsed = doctest.DocTestParser().get_examples(text.replace("\n```", "\n\n"))
    return [(example.source, example.want) for example in parsed]


@each("name", list(CATALOG))
def test_a_manual_page_has_its_sections_and_the_example_that_is_run(name):
    """The docstrings' examples are run by doctest; the page must show them with their results."""
    page = (DOCS / "functions" / f"{name}.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.+)$", page, flags=re.MULTILINE)
    wanted = ["Arguments"] if CATALOG[name].parameters else []
    wanted += ["Result", "Errors", "Equation and conventions"]
    wanted += [] if CATALOG[name].topic == "About" else ["Sources"]
    wanted += ["Example"]
    assert sections == wanted
    run = examples(inspect.getdoc(CATALOG[name].function))
    assert examples(page) == run
    assert any(want for _, want in run), "an example without a result"


@each("name", [name for name, spec in CATALOG.items() if spec.python_module])
def test_a_manual_page_names_the_python_function_that_its_example_calls(name):
    page = (DOCS / "functions" / f"{name}.md").read_text(encoding="utf-8")
    topic, function = CATALOG[name].python_module, CATALOG[name].python_name
    assert f"`xlhedge.{topic}.{function}`" in page
    typed = "".join(source for source, _ in examples(page))
    assert f"from xlhedge import {topic}\n" in typed
    assert f"{topic}.{function}(" in typed
    assert 'call("' not in typed
