"""The functions in Microsoft's runtime, in Chromium, against the real server over TLS."""

import signal

import pytest
from catalog_cases import baselines
from excel_values import EXPLAINED, invocation, returned, shown
from golden_rows import agrees, golden_rows
from office_host import OFFICE_JS, Server, chromium, open_sheet, trusting

from xlhedge import CellError
from xlhedge.catalog import CATALOG, explain

pytestmark = pytest.mark.browser

COUNTS = "Object.assign({}, xlhedge.counts)"


def calculate(sheet, *calls):
    results = sheet.evaluate("calls => excel.calculate(calls)", list(calls))
    return [returned(result) for result in results]


def test_every_function_is_registered_and_gives_its_golden_rows(sheet):
    rows = [row for row in golden_rows() if row["function"] != "VAR_JOINT"]  # seconds each
    assert {row["function"] for row in rows} >= set(CATALOG) - {"VAR_JOINT", "XLHEDGE_VERSION"}
    got = calculate(sheet, *(invocation(row["function"], *row["cells"]) for row in rows))
    for row, (value, _) in zip(rows, got, strict=True):
        try:
            agrees(value, row["want"], row)
        except AssertionError as problem:
            raise AssertionError(f"{row['function']}{row['args']}: {problem}") from None


KINDS = {
    "text": "abc",
    "true": True,
    "empty text": "",
    "blank": None,
    "error": CellError.DIV0,
    "error that cannot go back": CellError.REF,
    "zero": 0.0,
    "blank range": [[None, None], [None, None]],
    "mixed range": [[1.0, "x"], [CellError.NA, None]],
    "column": [[0.25], [0.5], [0.75]],
}


def with_few_paths(name, cells):
    """A simulation's example, made short."""
    names = [parameter.name for parameter in CATALOG[name].parameters]
    if "paths" not in names:
        return cells
    cells = [*cells] + [None] * (names.index("paths") + 1 - len(cells))
    cells[names.index("paths")] = 1000.0
    return cells


def test_every_argument_may_be_of_every_kind_and_gives_what_a_call_gives(sheet):
    cases = []
    for name, known in baselines().items():
        cells = with_few_paths(name, known)
        for index, parameter in enumerate(CATALOG[name].parameters):
            for kind, value in KINDS.items():
                changed = [*cells] + [None] * (index + 1 - len(cells))
                changed[index] = value
                cases.append((f"{name} {parameter.name} {kind}", name, changed))
    assert len(cases) > 4000, len(cases)
    calls = [invocation(name, *cells) for _, name, cells in cases]
    sheet.evaluate("calls => { window.later = excel.calculate(calls); }", calls)
    wanted = [explain(name, *cells) for _, name, cells in cases]  # while the server works
    got = map(returned, sheet.evaluate("later"))
    for (case, _, _), (value, why), outcome in zip(cases, got, wanted, strict=True):
        assert value == shown(outcome.value), case
        if isinstance(value, CellError) and value in EXPLAINED:
            assert why == outcome.reason, case


def test_a_column_of_ten_thousand_rows_keeps_its_order(sheet):
    spot, futures = [[100.0 + i] for i in range(10_000)], [[99.0]] * 10_000
    ((value, _),) = calculate(sheet, invocation("BASIS", spot, futures))

    assert value == [[1.0 + i] for i in range(10_000)]


def test_a_thousand_calls_of_a_calculation_are_one_request_and_keep_their_order(sheet):
    before = sheet.evaluate(COUNTS)
    got = calculate(sheet, *(invocation("BASIS", 100.0 + i, 99.0) for i in range(1000)))

    after = sheet.evaluate(COUNTS)
    assert [value for value, _ in got] == [1.0 + i for i in range(1000)]
    assert after["requests"] - before["requests"] == 1
    assert after["calls"] - before["calls"] == 1000


def test_a_simulation_keeps_no_other_cell_waiting(sheet):
    slow = invocation("VAR_FILTERED", [[0.01], [0.02]], 1e6)
    sheet.route(
        "**/call",
        lambda route: None if "VAR_FILTERED" in route.request.post_data else route.continue_(),
    )  # it is never answered
    ids = sheet.evaluate("calls => excel.begin(calls)", [slow, invocation("BASIS", 3, 2)])
    sheet.wait_for_function("excel.waiting() === 1", timeout=60_000)
    assert sheet.evaluate("excel.finished") == [ids[1]]


def test_what_is_canceled_is_not_sent_and_what_is_under_way_is_given_up(sheet):
    before = sheet.evaluate(COUNTS)
    sheet.evaluate(
        "call => excel.cancel(excel.begin([call, call]))", invocation("BASIS", 3, 2)
    )  # fmt: skip
    sheet.wait_for_timeout(300)
    after = sheet.evaluate(COUNTS)
    assert (after["requests"], after["canceled"]) == (before["requests"], before["canceled"] + 2)
    lost = []
    sheet.on("requestfailed", lambda request: lost.append(request.failure))
    sheet.route("**/call", lambda route: None)  # never answered
    sheet.evaluate(
        "async call => { const ids = excel.begin([call]);"
        " await new Promise((go) => setTimeout(go, 200)); excel.cancel(ids); }",
        invocation("BASIS", 3, 2),
    )
    sheet.wait_for_timeout(300)
    assert lost == ["net::ERR_ABORTED"]
    assert sheet.evaluate("excel.finished") == []


CELLS = """cells => {
  // Excel's ranges as far as the add-in asks: where they begin, and which of their cells are used.
  const parse = (text) => text.split(":").map((cell) => {
    const [, letters, row] = /^([A-Z]+)([0-9]+)$/.exec(cell);
    let column = 0;
    for (const letter of letters) column = 26 * column + letter.charCodeAt(0) - 64;
    return [Number(row) - 1, column - 1];
  });
  const range = (sheet, text) => {
    const [first, last = first] = parse(text);
    const types = cells[sheet];
    if (!types) throw new Error("no sheet " + sheet);
    return {
      rowIndex: first[0], columnIndex: first[1], load() {},
      getUsedRangeOrNullObject() {
        const used = Object.keys(types).map((cell) => parse(cell)[0])
          .filter(([r, c]) => r >= first[0] && r <= last[0] && c >= first[1] && c <= last[1]);
        if (!used.length) return { isNullObject: true, load() {} };
        const rows = used.map(([r]) => r), columns = used.map(([, c]) => c);
        const top = Math.min(...rows), left = Math.min(...columns);
        const valueTypes = [];
        for (let r = top; r <= Math.max(...rows); r += 1) {
          valueTypes.push([]);
          for (let c = left; c <= Math.max(...columns); c += 1) {
            const name = String.fromCharCode(65 + c) + (r + 1);
            valueTypes[r - top].push(types[name] ?? "Empty");
          }
        }
        return { isNullObject: false, rowIndex: top, columnIndex: left, valueTypes, load() {} };
      },
    };
  };
  const worksheets = { getItem: (sheet) => ({ getRange: (text) => range(sheet, text) }) };
  window.syncs = 0;
  const context = { workbook: { worksheets }, sync: async () => { window.syncs += 1; } };
  window.Excel = { run: (work) => work(context) };
}"""


def test_a_blank_cell_is_a_blank_also_where_excel_gives_it_as_a_zero(sheet):
    """On the desktop an empty cell of an argument of any type arrives as 0."""
    sheet.evaluate(CELLS, {"Bob's book": {"A1": "Double", "A3": "Double", "B2": "Double"}})
    column, addresses = [[-1.0], [0.0], [0.0], [0.0]], "'Bob''s book'!$A$1:$A$4"
    call = invocation("LIQ_PRICE", column, 70000.0, 7000.0, 0.005)
    real = invocation("BASIS", 0.0, 5.0)
    blank = invocation("BASIS", 0.0, 5.0)
    typed = invocation("VAR_NORMAL", 1e6, 0.5, 0.0)
    got = calculate(
        sheet,
        [*call, "Sheet1!C1", [addresses]],
        [*real, "Sheet1!C2", ["'Bob''s book'!B2"]],
        [*blank, "Sheet1!C3", ["'Bob''s book'!B9"]],
        [*typed, "Sheet1!C4", [None, None, None]],
    )
    assert got[0][0] == shown(explain("LIQ_PRICE", [[-1.0], [None], [0.0], [None]], 70000.0,
                                      7000.0, 0.005).value)  # fmt: skip
    assert got[1] == (shown(explain("BASIS", 0.0, 5.0).value), None)
    assert got[2] == (CellError.VALUE, "spot_price is missing")
    assert got[3][0] == explain("VAR_NORMAL", 1e6, 0.5, 0.0).value
    assert sheet.evaluate("syncs") == 1


def test_where_excel_does_not_tell_blanks_the_cell_says_so(sheet):
    sheet.evaluate("window.Excel = { run: async () => { throw new Error('closed'); } }")
    ((value, why),) = calculate(
        sheet, [*invocation("BASIS", 0.0, 5.0), "Sheet1!C1", ["Sheet1!A1"]]
    )  # fmt: skip
    assert value == CellError.NA
    assert why == "Excel did not say which cells are blank (closed): calculate again"


def test_the_reason_of_each_cell_is_kept_for_the_pane(sheet):
    calculate(sheet, [*invocation("LIQ_PRICE", -1, -70000, 7000, 0.005), "Sheet1!$B$2", []])
    kept = sheet.evaluate("xlhedge.reasons.get(xlhedge.normal('sheet1!b2'))")
    assert (kept["name"], kept["why"]) == ("LIQ_PRICE", "entry_price must be positive, got -70000")


def test_a_wrong_token_is_refused_with_a_sentence(page, server):
    wrong = open_sheet(page, server, token="wrong")  # noqa: S106
    ((value, why),) = calculate(wrong, invocation("BASIS", 3, 2))
    assert value == CellError.NA
    assert why == "the add-in's token is not this server's: install its manifest again"


def test_a_page_of_another_origin_gets_nothing(page, server):
    page.route("https://elsewhere.test/*", lambda route: route.fulfill(body="<title>x</title>"))
    page.goto("https://elsewhere.test/")
    told = page.evaluate(
        """async ([origin, token]) => {
          const tell = async (path, options) => {
            try { return (await fetch(origin + path, options)).status; }
            catch (problem) { return problem.message; }
          };
          const headers = { Authorization: "Bearer " + token, "Content-Type": "application/json" };
          return [
            await tell("/call", { method: "POST", headers, body: '{"calls":[]}' }),
            await tell("/call", { method: "POST", mode: "no-cors", body: '{"calls":[]}' }),
            await tell("/functions.json"),
          ];
        }""",
        [server.origin, server.token],
    )
    assert told == ["Failed to fetch"] * 3


def test_arguments_beyond_the_servers_limit_are_refused_with_a_sentence(sheet):
    result = sheet.evaluate(
        """async () => {
          const long = Array.from({ length: 1100 }, () => ["x".repeat(32000)]);
          return (await excel.calculate([["WHY", [[["BASIS"]], [long]]]]))[0];
        }"""
    )
    assert returned(result) == (
        CellError.NA, "the arguments are larger than the server takes (32 MB)"
    )  # fmt: skip


@pytest.fixture
def own_server(tmp_path):
    """A server that a test may end."""
    running = Server(tmp_path / "data", "--office-js", OFFICE_JS, workers=1).start()
    yield running
    if running.process.poll() is None:
        running.stop()


def test_a_server_that_is_killed_and_started_again_loses_no_cell(playwright, own_server, tmp_path):
    (tmp_path / "home").mkdir()
    opened = chromium(playwright, trusting(tmp_path / "home", own_server.authority))
    sheet = open_sheet(opened.new_page(), own_server)
    slow = invocation("VAR_FILTERED", [[0.01 * (i % 7 - 3)] for i in range(300)], 1e6)
    sheet.evaluate("call => { excel.begin(Array(20).fill(call)); }", slow)
    sheet.wait_for_timeout(300)
    own_server.stop(signal.SIGKILL)
    more = [invocation("BASIS", 3.0 + i, 2.0) for i in range(50)]
    sheet.evaluate("calls => { window.later = excel.calculate(calls); }", more)
    sheet.wait_for_timeout(500)
    own_server.start()
    got = [returned(result) for result in sheet.evaluate("later")]
    assert [value for value, _ in got] == [1.0 + i for i in range(50)]
    sheet.wait_for_function("excel.waiting() === 0", timeout=60_000)
    assert sheet.evaluate("xlhedge.counts.retries") > 0
    opened.close()


def test_a_browser_that_was_not_told_to_trust_the_server_does_not(playwright, server, tmp_path):
    from playwright.sync_api import Error

    opened = chromium(playwright, tmp_path)
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        opened.new_page().goto(f"{server.origin}/health")
    opened.close()
