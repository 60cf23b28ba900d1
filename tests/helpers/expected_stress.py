"""What every cell of the stress template that calls us must show, by the core itself."""

from book_helpers import named_values, opened, table_values
from book_values import below, column, place
from expected_checks import expected_correlations
from expected_margin import shown

from xlhedge import call
from xlhedge.sheet.cells import CellError, serial

COINS = ("coin_1", "coin_2", "coin_3", "coin_4")


def book_of(path):
    """Positions, scenarios, accounts and brackets as the functions take them."""
    table, cell = table_values(path), named_values(path)
    positions = table["Positions[#All]"]
    held = set(table["Positions"]["asset"])
    header, *rows = table["Scenarios[#All]"]
    known = call("STRESS_SCENARIOS")[0]
    names = {name: name for name in known} | {name: cell[name] for name in COINS}
    wanted = [k for k, name in enumerate(header) if name in known or names.get(name) in held]
    scenarios = [[names[header[k]] for k in wanted], *([row[k] for k in wanted] for row in rows)]
    return positions, scenarios, table["Accounts[#All]"], table["Brackets[#All]"]


def without_errors(rows, word):
    return [[word if isinstance(cell, CellError) else cell for cell in row] for row in rows]


def replayed(path):
    """The replay's figures by the names of their cells; rows as times."""
    table = table_values(path)
    positions, _, accounts, brackets = book_of(path)
    history = table["History"]
    names = [name for name in history if name not in {"time", "gap_hours"}]
    past = [[row[:-1] for row in table["History[#All]"]], None, None]
    if len(names) == 3:
        past = [column(history[name]) for name in names]
    found = dict(call("STRESS_REPLAY", positions, *past, accounts, brackets))

    def time(label):
        row = found[label]
        return "none" if isinstance(row, CellError) else serial(history["time"][int(row) - 1])

    return {
        "replay_worst": found["worst_pnl"],
        "replay_worst_time": time("worst_row"),
        "replay_end": found["end_pnl"],
        "replay_drawdown": found["maximum_drawdown"],
        "replay_call_time": time("first_margin_call_row"),
        "replay_liquidation_time": time("first_liquidation_row"),
    }


def expected_figures(path):
    book, cell = opened(path, values=True), named_values(path)
    positions, _, accounts, brackets = held = book_of(path)
    top = below(book, "Grid", "spot shock")
    spot = [[top.offset(row, 0).value] for row in range(13)]
    basis = [[top.offset(-1, place).value for place in range(1, 10)]]
    figures = {place(book, name): value for name, value in replayed(path).items()}
    for name, target in (("loss", cell["target_loss"]), ("liquidation", "liquidation")):
        _, *lines = without_errors(
            call("STRESS_REVERSE", positions, target, accounts, brackets), "none"
        )
        for direction, move, account in lines:
            figures[place(book, f"{name}_{direction}")] = move
            if name == "liquidation":
                figures[place(book, f"{name}_{direction}_account")] = account or "none"
    for sheet, function in (("Report", "STRESS_PNL"), ("Calls", "STRESS_ACCOUNTS")):
        rows = shown(call(function, *held), "no equity")
        figures[sheet, below(book, sheet, "Scenario").coordinate] = rows
    library = below(book, "Library", "scenario").offset(-1, 0)
    figures["Library", library.coordinate] = call("STRESS_SCENARIOS")
    history = table_values(path)["History"]
    figures |= expected_correlations(
        book, lambda coin: (history[f"{coin} spot"], history[f"{coin} futures"])
    )
    grid = call("STRESS_GRID", positions, spot, basis, accounts)
    figures["Grid", top.offset(0, 1).coordinate] = grid
    return figures
