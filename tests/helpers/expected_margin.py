"""What every cell of the margin template that calls us must show, by the core itself."""

from book_helpers import named_values, opened, table_values
from book_values import below

from xlhedge import call
from xlhedge.sheet.cells import CellError

MOVES = {"Calls": 8, "Ladder": 13}


def book_of(path):
    """Positions, accounts and brackets as the functions take them."""
    table = table_values(path)
    positions = table["Positions[#All]"]
    return positions, table["Accounts[#All]"], table["Brackets[#All]"]


def shown(rows, word=None, blank=None, first=0, last=None):
    """The rows below the header, errors and blanks as the template shows them."""
    return [
        [
            word if isinstance(cell, CellError) else blank if cell is None else cell
            for cell in row[first:last]
        ]
        for row in rows[1:]
    ]


def matrix(path, correlation):
    tables = table_values(path)
    own = {}
    for one, other, value in zip(*tables["Correlations"].values(), strict=True):
        own[one, other] = own[other, one] = value
    coins = tables["Volatilities"]["asset"]
    return [[1 if a == b else own.get((a, b), correlation) for b in coins] for a in coins]


def moves_of(book, sheet):
    """The moves that are entered on a sheet."""
    if sheet == "Ladder":
        first = below(book, "Ladder", "Move")
        return [first.offset(row, 0).value for row in range(MOVES[sheet])]
    header = below(book, "Calls", "The market moves by").offset(-1, 0)
    return [header.offset(0, 1 + place).value for place in range(MOVES[sheet])]


def scenarios_of(book, cell):
    """The two ranges of scenarios on Workings."""
    calls = [["scenario", "spot_shock"]]
    calls += [[f"move {k}", move] for k, move in enumerate(moves_of(book, "Calls"), 1)]
    asset, moves = cell["ladder_asset"], moves_of(book, "Ladder")
    every = asset == "all"
    ladder = [["scenario", "spot_shock", "basis_shock" if every else asset]]
    ladder += [
        [f"move {k}", move if every else 0, 0 if every else move] for k, move in enumerate(moves, 1)
    ]
    return calls, ladder


def expected_simulation(path, cell):
    """Probabilities and buffers, by account."""
    positions, accounts, brackets = book_of(path)
    volatilities = table_values(path)["Volatilities[#All]"]
    correlations = matrix(path, cell["asset_correlation"])
    paths = cell["simulation_paths"]
    days = [[cell[f"days_{k}"] for k in (1, 2, 3)]]
    chances = call("ACCOUNT_PROBABILITY", positions, accounts, volatilities, correlations, days,
                   brackets, None, paths)  # fmt: skip
    buffers = call("ACCOUNT_BUFFER", positions, accounts, volatilities, correlations,
                   cell["buffer_days"], cell["confidence"], brackets, None, paths)  # fmt: skip
    return shown(chances), shown(buffers, first=1)


def expected_figures(path):
    book, cell = opened(path, values=True), named_values(path)
    held = book_of(path)
    status = call("ACCOUNT_STATUS", *held)
    chances, buffers = expected_simulation(path, cell)
    account = below(book, "Margin", "Account")
    figures = {
        ("Margin", account.coordinate): shown(status, "no equity", last=4),
        ("Margin", account.offset(0, 6).coordinate): chances,
        ("Margin", account.offset(0, 11).coordinate): buffers,
    }
    for place, others in enumerate(("held", "beta")):
        prices = shown(call("ACCOUNT_LIQUIDATION", *held, others), blank="none")
        figures["Liquidation", below(book, "Liquidation", "Account", place).coordinate] = prices
    positions, accounts, brackets = held
    for place, scenarios in enumerate(scenarios_of(book, cell)):
        rows = shown(call("STRESS_ACCOUNTS", positions, scenarios, accounts, brackets), "no equity")
        figures["Workings", below(book, "Workings", "Scenario", place).coordinate] = rows
    return figures
