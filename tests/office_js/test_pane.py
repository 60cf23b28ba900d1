"""The task pane over Microsoft's mock of Excel, with the real server behind it."""

import base64
import io
import json
import time

import openpyxl
import pytest
from office_host import BROWSER, MODULES

from xlhedge.templates import TEMPLATES

pytestmark = pytest.mark.browser

MOCK = MODULES / "office-addin-mock" / "lib"


def mock():
    """Microsoft's mock for a browser: its modules, which are node's."""
    parts = ["possibleErrors", "host", "officeMockObject"]
    texts = {f"./{name}": (MOCK / f"{name}.js").read_text(encoding="utf-8") for name in parts}
    modules = ",".join(
        f"{json.dumps(name)}:(exports,require)=>{{{text}\n}}" for name, text in texts.items()
    )
    return f"""(() => {{
      const modules = {{{modules}}}, made = {{"office-addin-manifest":
        {{ OfficeApp: {{ Excel: "excel", Outlook: "outlook" }} }} }};
      const require = (name) => made[name] ?? (made[name] = {{}},
        modules[name](made[name], require), made[name]);
      window.mock = require("./officeMockObject");
    }})();"""


@pytest.fixture
def pane(page, server):
    """The pane, opened as Excel opens it; `settings` of `open_pane` come before Office.js."""
    return open_pane(page, server)


def open_pane(page, server, settings="", fragment=None):
    excel = (BROWSER / "workbook.js").read_text(encoding="utf-8")
    page.route(
        "**/office-js/office.js",
        lambda route: route.fulfill(
            body=f"{settings};{mock()}\n{excel}", content_type="text/javascript"
        ),
    )
    page.set_viewport_size({"width": 350, "height": 720})
    fragment = f"token={server.token}" if fragment is None else fragment
    page.goto(f"{server.origin}/pane.html?_host_Info=Excel$Mac$16.01$en-US#{fragment}")
    page.wait_for_selector("#names option", state="attached")
    return page


def until(pane, expression, seconds=60):
    """Wait for it; Playwright's own way is forbidden by the page's policy on scripts."""
    end = time.monotonic() + seconds
    while not pane.evaluate(expression):
        assert time.monotonic() < end, expression
        pane.wait_for_timeout(50)


def text(pane, selector):
    return pane.locator(selector).inner_text()


def test_the_pane_loads_without_an_error(page, server):
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if told.type == "error" else None)
    open_pane(page, server)
    page.wait_for_timeout(300)
    assert problems == []
    assert page.locator("#token-form").is_hidden()


def test_why_tells_the_reason_of_the_selected_cell(pane):
    pane.evaluate(
        """async () => {
          book.cells["Sheet1!C3"] = { formula: "=XLHEDGE.LIQ_PRICE(A1,B1,C1,D1)" };
          book.cells["Sheet1!C4"] = { formula: "", parent: "Sheet1!C3" };
          book.cells["Sheet1!D1"] = { formula: "=SUM(A1:A3)" };
          book.cells["Sheet1!D2"] = { formula: "=XLHEDGE.BASIS(1,2)" };
          xlhedge.reasons.set("SHEET1!C3",
            { name: "LIQ_PRICE", why: "row 2: entry_price must be positive, got -7" },
          );
          await select("Sheet1!C4");
        }"""
    )
    assert text(pane, "#why-place") == "Sheet1!C4, spilled from Sheet1!C3"
    assert text(pane, "#why-reason") == "LIQ_PRICE: row 2: entry_price must be positive, got -7"
    assert text(pane, "#why-formula") == "=XLHEDGE.LIQ_PRICE(A1,B1,C1,D1)"
    pane.evaluate("select('Sheet1!D1')")
    assert text(pane, "#why-reason") == "No function of xlhedge is in this cell."
    pane.evaluate("select('Sheet1!D2')")
    assert "has not been calculated" in text(pane, "#why-reason")
    pane.click("#why-calculate")
    until(pane, "book.calculated.length === 1")


def test_a_failure_of_excel_is_said_where_the_result_would_be(pane):
    pane.evaluate("book.problem = 'Excel is in cell-editing mode'; select('Sheet1!A1')")
    assert text(pane, "#why-reason") == "Excel is in cell-editing mode"


def test_the_desk_shows_the_named_cells_that_the_workbook_has(pane):
    pane.click("#tab-desk")
    assert "none of our key figures" in text(pane, "#desk-state")
    status, *_, last = TEMPLATES["hedge_desk"].figures
    names = {status.name: "BREACH", last.name: "12 %", "horizon_days": "of another template"}
    pane.evaluate("names => { book.names = names; return recalculated(); }", names)
    rows = pane.locator("#desk-figures tbody tr")
    assert rows.count() == 2
    assert rows.nth(0).inner_text().split("\t") == [status.label, "BREACH"]
    assert rows.nth(0).locator("td").get_attribute("class") == "problem"
    assert rows.nth(1).inner_text().split("\t") == [f"{last.label} {last.unit}".strip(), "12 %"]


def test_a_function_is_found_filled_and_inserted_over_nothing_unasked(pane):
    pane.click("#tab-insert")
    pane.fill("#search", "BASIS spot")
    assert pane.locator("#names option").count() >= 1
    pane.fill("#search", "BASIS")
    pane.select_option("#names", "BASIS")
    pane.evaluate("book.active = 'Sheet1!A2:A9'")
    pane.locator("button[aria-label='Take the selected cells for spot_price']").click()
    pane.fill("#argument-1", "B2:B9")
    pane.select_option("#argument-2", label="bp")
    assert text(pane, "#formula") == '=XLHEDGE.BASIS(Sheet1!A2:A9,B2:B9,"bp")'
    pane.evaluate("book.active = 'Sheet1!C2'")
    pane.evaluate("book.cells['Sheet1!C2'] = {formula: 7, type: 'Double'}")
    pane.click("#put")
    assert text(pane, "#put") == "Replace Sheet1!C2"
    assert text(pane, "#put-state") == "Sheet1!C2 holds 7"
    assert pane.evaluate("book.cells['Sheet1!C2'].formula") == 7
    pane.click("#put")
    until(pane, "document.getElementById('put-state').textContent.startsWith('Written')")
    wanted = '=XLHEDGE.BASIS(Sheet1!A2:A9,B2:B9,"bp")'
    assert pane.evaluate("book.cells['Sheet1!C2'].formula") == wanted


def test_a_required_argument_is_asked_for_and_one_that_may_be_blank_is_not(pane):
    pane.click("#tab-insert")
    pane.fill("#search", "LIQ_PRICE")
    pane.select_option("#names", "LIQ_PRICE")
    pane.click("#put")
    assert pane.evaluate("document.activeElement.id") == "argument-0"
    assert text(pane, "#put-state") == ""
    for index, value in enumerate(("-1", "70000", "7000")):
        pane.fill(f"#argument-{index}", value)
    pane.fill("#argument-9", "Tiers")  # then the maintenance rate may be blank
    pane.click("#put")
    until(pane, "document.getElementById('put-state').textContent.startsWith('Written')")
    wanted = "=XLHEDGE.LIQ_PRICE(-1,70000,7000,,,,,,,Tiers)"
    assert pane.evaluate("book.cells['Sheet1!B2'].formula") == wanted


def test_a_template_opens_as_a_new_workbook_in_the_add_ins_spelling(pane):
    pane.click("#tab-templates")
    pane.get_by_role("button", name="volatility_target", exact=True).click()
    until(pane, "book.opened.length === 1")
    content = base64.b64decode(pane.evaluate("book.opened[0]"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    formulas = [
        str(getattr(cell.value, "text", cell.value))
        for sheet in book for row in sheet.iter_rows() for cell in row
    ]  # fmt: skip
    ours = [formula for formula in formulas if "_xldudf_XLHEDGE_VOL_" in formula]
    assert len(ours) > 5


def test_the_doctor_says_what_excel_and_the_server_are(pane):
    pane.click("#tab-doctor")
    pane.click("#doctor-run")
    pane.wait_for_selector("#doctor-findings dt:nth-of-type(5)")
    assert "Excel Mac 16.90" in text(pane, "#doctor-findings")
    assert "functions answer" in text(pane, "#doctor-findings")


def test_an_excel_that_lacks_what_is_needed_is_told_so(page, server):
    pane = open_pane(page, server, "window.lacking = 'CustomFunctionsRuntime'")
    pane.click("#tab-doctor")
    pane.click("#doctor-run")
    pane.wait_for_selector("#doctor-findings .problem")
    assert "lacks CustomFunctionsRuntime 1.3" in text(pane, "#doctor-findings")


def test_without_its_token_the_pane_asks_for_it(page, server):
    pane = open_pane(page, server, fragment="")
    pane.wait_for_selector("#token-form", state="visible")
    pane.click("#tab-doctor")
    pane.click("#doctor-run")
    until(pane, "document.getElementById('doctor-state').className === 'problem'")
    pane.fill("#token", server.token)
    pane.press("#token", "Enter")
    pane.wait_for_selector("#token-form", state="hidden")
    pane.click("#doctor-run")
    pane.wait_for_selector("#doctor-findings dt")


def test_the_keyboard_reaches_everything(pane):
    pane.focus("#tab-why")
    for key, wanted in (
        ("ArrowRight", "desk"), ("End", "doctor"), ("ArrowRight", "why"), ("ArrowLeft", "doctor"),
        ("Home", "why"), ("ArrowRight", "desk"), ("ArrowRight", "insert"),
    ):  # fmt: skip
        pane.keyboard.press(key)
        assert pane.evaluate("document.activeElement.getAttribute('aria-controls')") == wanted
        assert pane.locator(f"#{wanted}").is_visible()
    reached = []
    for _ in range(6):
        pane.keyboard.press("Tab")
        reached.append(pane.evaluate("document.activeElement.id"))
    assert reached[:4] == ["insert", "search", "names", ""]
    outline = pane.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


CONTRAST = """() => {
  const luminance = (text) => {
    const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backOf = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const back = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(back)) return back;
    }
    return "rgb(255, 255, 255)";
  };
  const low = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || !node.checkVisibility()) continue;
    const [a, b] = [luminance(getComputedStyle(node).color), luminance(backOf(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push([node.textContent.slice(0, 30), ratio]);
  }
  return low;
}"""


@pytest.mark.parametrize("theme", ["", "#202020", "#ffffff"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_each_theme_and_every_control_has_a_name(page, server, scheme, theme):
    page.emulate_media(color_scheme=scheme)
    pane = open_pane(page, server, f"window.theme = {{bodyBackgroundColor: '{theme}'}}")
    for tab in ("why", "desk", "insert", "templates", "doctor"):
        pane.click(f"#tab-{tab}")
        assert pane.evaluate(CONTRAST) == [], tab
        unnamed = pane.locator("input:visible, select:visible, button:visible").evaluate_all(
            "nodes => nodes.filter((node) => !(node.labels?.length || node.innerText.trim()"
            " || node.getAttribute('aria-label'))).map((node) => node.outerHTML)"
        )
        assert unnamed == []
    back = pane.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = theme == "#202020" if theme else scheme == "dark"
    assert (back == "rgb(31, 31, 31)") == is_dark
