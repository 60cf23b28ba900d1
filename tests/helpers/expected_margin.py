"""What every cell of the margin template that calls us must show, by the core itself."""

from book_helpers import named_values, opened, table_values
from book_values import below, column

from xlhedge import call

PART = ("asset", "instrument", "quantity", "contract_size", "entry_price", "price")


TIERS = ("floor", "rate", "amount", "max_leverage")


def positions_of(path):
    table = table_values(path)["Positions"]
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def tiers_of(path, asset):
    header, *rows = table_values(path)["Brackets[#All]"]
    return [list(TIERS), *(row[1:] for row in rows if row[0] == asset)], header


def expected_alone(path, cell, held):
    """Each position on its own margin: by column of the sheet."""
    columns = {}
    for p in held:
        tiers, _ = tiers_of(path, p["asset"])
        n, size, entry, price, own = (
            p[name] for name in ("quantity", "contract_size", "entry_price", "price", "margin")
        )
        liquidation = call("LIQ_PRICE", n, entry, own, None, size, "linear", None,
                           cell["liquidation_fee"], cell["margin_convention"], tiers)  # fmt: skip
        side = "short" if n < 0 else "long"
        needed = call("MARGIN_BUFFER", n, price, p["volatility"], cell["buffer_days"], None,
                      cell["confidence"], size, "linear", tiers)  # fmt: skip
        ratio = call("MARGIN_RATIO", n, entry, price, own, None, size, "linear", tiers)
        row = {
            "Maintenance": call("MAINTENANCE_MARGIN", n, price, None, size, "linear", tiers),
            "Margin ratio": ratio,
            "Highest leverage": call("MARGIN_TIER", abs(n) * size * price, tiers, "max_leverage"),
            "Liquidation price": liquidation,
            "Equity needed": needed,
            "To add now": max(0, needed - own - n * size * (price - entry)),
            "Distance": (liquidation / price - 1) * (1 if n < 0 else -1),
        }
        row["chance"] = [
            call("LIQ_PROBABILITY", price, liquidation, p["volatility"], cell[f"days_{k}"], 0, side)
            for k in (1, 2, 3)
        ]
        for name, value in row.items():
            columns.setdefault(name, []).append(value if isinstance(value, list) else [value])
    return columns


def expected_cross(path, book, cell, held):
    figures = {}
    table = [list(PART), *([p[name] for name in PART] for p in held)]
    _, header = tiers_of(path, "BTC")
    brackets = [header, *table_values(path)["Brackets[#All]"][1:]]
    first = below(book, "Account", "Asset")
    for row, asset in enumerate(("BTC", "ETH", "SOL")):
        p = next(p for p in held if p["asset"] == asset)
        liquidation = call("LIQ_PRICE_CROSS", table, cell["wallet_balance"], asset, brackets)
        figures["Account", first.offset(row, 2).coordinate] = liquidation
        figures["Account", first.offset(row, 4).coordinate] = [[
            call("LIQ_PROBABILITY", p["price"], liquidation, p["volatility"], cell[f"days_{k}"])
            for k in (1, 2, 3)
        ]]  # fmt: skip
    return figures


def expected_calls(path, book, cell, held):
    top = below(book, "Calls", "Prices move by").offset(-1, 0)
    moves = [c.value for c in book["Calls"][top.row][top.column + 1 : top.column + 9]]
    own, needed = [], []
    for p in held:
        tiers, _ = tiers_of(path, p["asset"])
        n, size = p["quantity"], p["contract_size"]
        own.append([
            call("MARGIN_CALL", n, p["entry_price"], p["price"] * (1 + move), p["margin"], None,
                 size, "linear", tiers, cell["target_ratio"]) for move in moves
        ])  # fmt: skip
        needed.append([
            call("MAINTENANCE_MARGIN", n, p["price"] * (1 + move), None, size, "linear", tiers)
            for move in moves
        ])  # fmt: skip
    left, right = (below(book, "Calls", "Position", k).offset(0, 2).coordinate for k in (0, 1))
    return {("Calls", left): own, ("Calls", right): needed}, moves, own, needed


def expected_ladder(path, book, cell, held):
    p = held[cell["ladder_position"] - 1]
    anchor = below(book, "Ladder", "against you")
    against = [anchor.offset(row, 0).value for row in range(13)]
    sign = 1 if p["quantity"] < 0 else -1
    rows = call("MARGIN_LADDER", p["quantity"], p["entry_price"], p["margin"], None,
                column([sign * move for move in against]), p["contract_size"], "linear",
                tiers_of(path, p["asset"])[0])  # fmt: skip
    return {("Ladder", anchor.offset(-1, 1).coordinate): rows}


def expected_figures(path):
    book, cell, held = opened(path, values=True), named_values(path), positions_of(path)
    alone = expected_alone(path, cell, held)
    figures = {}
    for title in ("Maintenance", "Margin ratio", "Highest leverage", "Liquidation price",
                  "Equity needed"):  # fmt: skip
        figures["Positions", below(book, "Positions", title).coordinate] = alone[title]
    status = below(book, "Positions", "Status")
    figures["Positions", status.offset(0, 1).coordinate] = alone["chance"]
    figures.update(expected_cross(path, book, cell, held))
    figures.update(expected_calls(path, book, cell, held)[0])
    figures.update(expected_ladder(path, book, cell, held))
    return figures
