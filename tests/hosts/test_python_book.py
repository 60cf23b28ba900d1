"""A book in Python and a workbook for what-if: the same figures as the functions in cells."""

import numpy as np
import pandas as pd
import pytest
from places import ROOT

from xlhedge import Book, Session, call, read_table
from xlhedge.errors import InputError

POSITIONS = pd.DataFrame(
    {
        "asset": ["BTC", "BTC", "ETH"],
        "instrument": ["spot", "linear", "linear"],
        "quantity": [2.0, -2.0, 3.0],
        "price": [70000.0, 70100.0, 3500.0],
        "account": ["", "A", "A"],
        "maintenance_rate": [np.nan, 0.005, 0.01],
    }
)
ACCOUNTS = pd.DataFrame({"account": ["A"], "balance": [30000.0]})
VOLATILITIES = pd.Series([0.6, 0.8], ["BTC", "ETH"])
CORRELATIONS = pd.DataFrame([[1.0, 0.7], [0.7, 1.0]], ["ETH", "BTC"], ["ETH", "BTC"])


def cells(frame):
    body = frame.astype(object).where(frame.notna(), None)
    return [list(frame.columns), *body.to_numpy(dtype=object).tolist()]


@pytest.fixture
def history():
    rng = np.random.default_rng(5)
    moves = rng.normal(0, 0.01, (700, 3))
    spot = 60000 * np.exp(np.cumsum(moves[:, 0]))
    ether = 3000 * np.exp(np.cumsum(0.7 * moves[:, 0] + 0.7 * moves[:, 1]))
    columns = {
        "BTC spot": spot, "BTC futures": spot * np.exp(0.05 * moves[:, 2]),
        "BTC funding": 1e-4 + moves[:, 2] / 200, "ETH spot": ether,
        "ETH futures": ether * np.exp(0.05 * moves[:, 2]),
        "ETH funding": 1e-4,
    }  # fmt: skip
    return pd.DataFrame(columns, pd.date_range("2024-01-01", periods=700, freq="8h"))


def test_a_book_gives_what_the_functions_give(history):
    book = Book(POSITIONS, ACCOUNTS, history=history)
    table = cells(history.reset_index(names="time"))
    positions, accounts = cells(POSITIONS), cells(ACCOUNTS)
    var = dict(call("BOOK_VAR", positions, table, 3, 0.95, "", "", accounts))
    got = book.var(3, 0.95)
    assert (got.var, got.es, got.windows) == (var["var"], var["es"], var["windows"])
    assert book.pnl(3).shape[1] == 5
    parts = book.contributions(3, 0.95)
    assert parts.component_es.sum() == pytest.approx(got.es)
    header, row = call("ACCOUNT_STATUS", positions, accounts)
    assert book.status().iloc[0].to_dict() == dict(zip(header, row, strict=True))
    want = call("ACCOUNT_LIQUIDATION", positions, accounts)
    assert book.liquidation().above.iloc[0] == want[1][want[0].index("above")]
    replayed = dict(call("STRESS_REPLAY", positions, table, "", "", accounts))
    assert book.replay().worst_pnl == replayed["worst_pnl"]
    assert len(book.stress()) == len(call("STRESS_SCENARIOS")) - 1
    assert list(book.reverse_stress().direction) == ["up", "down"]
    assert book.delta().asset.tolist() == ["BTC", "ETH", "TOTAL"]


def test_volatilities_and_correlations_are_matched_by_asset():
    book = Book(POSITIONS, ACCOUNTS)
    got = book.probability(VOLATILITIES, CORRELATIONS, paths=2000)
    want = call(
        "ACCOUNT_PROBABILITY", cells(POSITIONS), cells(ACCOUNTS),
        [["asset", "volatility"], ["BTC", 0.6], ["ETH", 0.8]], [[1, 0.7], [0.7, 1]], [[1, 7, 30]],
        "", "", 2000,
    )  # fmt: skip
    assert got.iloc[0, 1:4].tolist() == want[1][1:4]
    days = pd.Series([1, 7, 30], ["day", "week", "month"])
    assert book.probability(VOLATILITIES, CORRELATIONS, days, paths=2000).equals(got)
    needed = book.buffer(VOLATILITIES, CORRELATIONS, 7, paths=2000)
    assert needed.account.tolist() == ["A", "TOTAL"]


def test_what_a_book_lacks_is_named():
    book = Book(POSITIONS)
    with pytest.raises(InputError, match="no accounts"):
        book.status()
    with pytest.raises(InputError, match="no history"):
        book.var()


def test_a_book_is_read_from_the_tables_of_a_workbook():
    path = ROOT / "workbooks" / "stress_grid.xlsx"
    book = Book.from_workbook(path)
    assert list(book.positions.columns) == list(read_table(path, "Positions").columns)
    assert len(book.stress()) >= 12
    assert not book.status().empty


def test_a_changed_input_is_read_back_by_name():
    session = Session(ROOT / "workbooks" / "hedge_desk.xlsx")
    assert session["dash_contracts"] == -720
    session["hedge_fraction"] = 0.5
    assert session["dash_contracts"] == -450
    assert "hedge_fraction" in session.names
    with pytest.raises(InputError, match="no name 'nothing'"):
        session["nothing"]
