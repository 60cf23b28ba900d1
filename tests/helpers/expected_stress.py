"""What every cell of the stress template that calls us must show, by the core itself."""

from book_helpers import named_values, opened, table_values
from book_values import below, column, place

from xlhedge import call
from xlhedge.sheet.cells import CellError


def book_of(path):
    """Positions, scenarios and accounts as the functions take them."""
    table = table_values(path)
    header, *rows = table["Scenarios[#All]"]
    wanted = [k for k, name in enumerate(header) if name in call("STRESS_SCENARIOS")[0]]
    scenarios = [[row[k] for k in wanted] for row in (header, *rows)]
    return table["Positions[#All]"], scenarios, table["Accounts[#All]"]


def without_errors(rows, word):
    return [[word if isinstance(cell, CellError) else cell for cell in row] for row in rows]


def expected_figures(path):
    book, cell, table = opened(path, values=True), named_values(path), table_values(path)
    positions, scenarios, accounts = book_of(path)
    history = table["History"]
    prices = [column(history[name]) for name in ("spot", "futures", "funding_rate")]
    report = call("STRESS_PNL", positions, scenarios, accounts)
    top = below(book, "Grid", "spot shock")
    spot = [[top.offset(row, 0).value] for row in range(13)]
    basis = [[top.offset(-1, place).value for place in range(1, 10)]]
    replay = below(book, "Stress", "Replay: the history applied to today's book")
    figures = {
        ("Stress", replay.coordinate): without_errors(
            call("STRESS_REPLAY", positions, *prices, accounts), "none"
        )
    }
    for name, target in (("loss", cell["target_loss"]), ("liquidation", "liquidation")):
        _, *lines = without_errors(call("STRESS_REVERSE", positions, target, accounts), "none")
        for direction, move, account in lines:
            figures[place(book, f"{name}_{direction}")] = move
            if name == "liquidation":
                figures[place(book, f"{name}_{direction}_account")] = account or "none"
    header = below(book, "Scenarios", "spot_pnl").offset(-1, -1)
    library = below(book, "Library", "scenario").offset(-1, 0)
    figures["Scenarios", header.coordinate] = without_errors(report, "no equity")
    figures["Library", library.coordinate] = call("STRESS_SCENARIOS")
    figures["Grid", top.offset(0, 1).coordinate] = call("STRESS_GRID", positions, spot, basis)
    return figures
