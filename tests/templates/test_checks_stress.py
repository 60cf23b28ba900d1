"""Mistakes in the tables of the stress workbook: each is told in words, and nothing says OK."""

import pytest
from book_helpers import named_values, opened, table_values
from book_values import below
from mistakes import assert_nothing_says_ok, failing, with_mistakes

# Table, column and row; the value; the check that must fail; words of its finding.
MISTAKES = [
    (("Positions", "account", 3), None, "Futures have an account", "row 3 of Positions is a"),
    (("Positions", "price", 4), 700, "Prices of one coin", "in the rows 1, 3, 4 of Positions"),
    (("Positions", "contract", 4), "BTCUSD", "Brackets of inverse contracts", "of their own"),
    (("Accounts", "account", 2), "Venue C", "Accounts of the positions", "Venue B is not in"),
    (("Accounts", "haircut", 2), 5, "Haircuts and rates of debts", "5 % is 0.05"),
    (("Brackets", "rate", 1), 0.4, "Rates of brackets", "row 1 of Brackets"),
    (("Scenarios", "spot_shock", 1), -52.3, "Size of shocks", "15 % is 0.15"),
    (("Scenarios", "coin_1", 16), -35, "Size of shocks", "15 % is 0.15"),
    (("Scenarios", "scenario", 2), "12 March 2020", "Names of scenarios", "have one name"),
    (("Scenarios", "funding_rate", 3), 0.05, "Funding of scenarios", "0.01 % is 0.0001"),
]  # fmt: skip


@pytest.fixture(scope="module")
def stress(calculated_templates):
    return calculated_templates("stress_grid")[0]


def test_a_fresh_workbook_is_an_example_and_no_check_fails(stress):
    shown = named_values(stress)
    assert failing(stress) == {}
    assert shown["stress_status"].startswith("EXAMPLE, not your book. ")


def test_every_mistake_is_told_in_words_and_nothing_says_ok(stress, tmp_path):
    cells = {place: value for place, value, *_ in MISTAKES}
    found = failing(with_mistakes(stress, tmp_path / "wrong.xlsx", cells))
    for place, _, label, words in MISTAKES:
        assert words in found.get(label, "not told"), (place, label)
    assert_nothing_says_ok(tmp_path / "wrong.xlsx", "stress_status")


@pytest.mark.slow
@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_each_mistake_alone_is_told(stress, tmp_path, mistake):
    place, value, label, words = mistake
    path = with_mistakes(stress, tmp_path / "wrong.xlsx", {place: value})
    assert words in failing(path)[label]
    assert_nothing_says_ok(path, "stress_status")


def test_a_hedge_with_the_coins_own_future_does_not_feel_the_breakdown_of_a_proxy(stress, tmp_path):
    """BTC against BTC: the move meant for proxies is nothing, and is not the worst."""
    cells = {("Positions", "quantity", 2): 0, ("Positions", "beta", 2): 1}
    path = with_mistakes(stress, tmp_path / "own.xlsx", cells)
    table = table_values(path)["Scenarios"]
    row = table["scenario"].index("Correlation breakdown")
    assert table["proxy_shock"][row] == -0.2
    assert table["total_pnl"][row] == pytest.approx(0, abs=1e-6)
    assert table_values(stress)["Scenarios"]["total_pnl"][row] < -1_000_000
    assert named_values(path)["worst_scenario"] != "Correlation breakdown"


def test_a_coin_has_a_shock_of_its_own_and_one_that_is_not_held_is_left_out(stress, tmp_path):
    names = {"coin_1": "DOGE"}
    path = with_mistakes(stress, tmp_path / "doge.xlsx", {}, names)
    table, before = (table_values(book)["Scenarios"] for book in (path, stress))
    row = table["scenario"].index("Own: ETH falls alone")
    assert before["total_pnl"][row] == pytest.approx(-0.35 * 5_000 * 3_500)
    assert table["total_pnl"][row] == pytest.approx(0, abs=1e-6)
    assert failing(path, "WATCH")["Coins of the book"].startswith("DOGE has shocks of its own")


def test_each_account_has_its_own_call_in_each_scenario(stress):
    book = opened(stress, values=True)
    first = below(book, "Calls", "Scenario")
    rows = [
        [first.offset(row, k).value for k in (0, 1, 5, 6)]
        for row in range(2 * len(table_values(stress)["Scenarios"]["scenario"]))
    ]
    squeeze = {account: (call, lost) for name, account, call, lost in rows if "squeeze" in name}
    assert set(squeeze) == {"Venue A", "Venue B"}
    report = below(book, "Report", "Scenario")
    for row, name in enumerate(table_values(stress)["Scenarios"]["scenario"]):
        calls = [call for other, _, call, _ in rows if other == name]
        assert report.offset(row, 9).value == pytest.approx(sum(calls))


def test_a_coin_that_the_history_lacks_is_told_and_is_not_replayed(stress, tmp_path):
    cells = {("Positions", "asset", 2): "SOL", ("Positions", "quantity", 2): 9_000}
    path = with_mistakes(stress, tmp_path / "sol.xlsx", cells, {"kind_of_History": "yours"})
    assert failing(path)["Coins of Positions in History"] == (
        "SOL is in Positions, and History has no column SOL spot: make the workbook anew with "
        "its history (xlhedge new)"
    )
    assert named_values(path)["replay_worst"] == "#VALUE!"
    assert_nothing_says_ok(path, "stress_status")
