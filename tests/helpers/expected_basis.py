"""What every cell of the basis template that calls us must show, by the core itself."""

import math

from book_helpers import named_values, opened, table_values
from book_values import as_number, column, place
from expected_checks import expected_correlations

from xlhedge import call


def expected_figures(path):
    """Every cell that calls us, from the inputs alone."""
    book = opened(path, values=True)
    cell, table = named_values(path), table_values(path)
    spot, futures = column(table["History"]["spot"]), column(table["History"]["futures"])
    interval = cell["interval_hours"]
    log_basis = [[math.log(s / f)] for (s,), (f,) in zip(spot, futures, strict=True)]
    fit = call("OU_FIT", log_basis, interval / 24)
    ou = dict(fit)

    def at_risk(days, scaling):
        return call("BASIS_VAR", spot, futures, cell["hedged_value"], cell["confidence"],
                    round(days * 24 / interval), scaling, cell["risk_measure"])  # fmt: skip

    statistics = next(c for c in book["Model"]["C"] if c.offset(0, -1).value == "Mean")
    figures = {
        place(book, "basis_now"): call("BASIS", spot[-1][0], futures[-1][0], "bp"),
        ("Model", statistics.coordinate): values(call("BASIS_STATS", spot, futures, interval)),
        place(book, "ou_theta"): values(fit),
    }
    for scaling in ("sqrt", "ou", "empirical"):
        figures[place(book, f"basis_var_{scaling}")] = at_risk(cell["horizon_days"], scaling)
    forecast, risk = (
        [c for c in book["Model"]["B"] if c.value == "Horizon"][number] for number in (0, 1)
    )
    days = [[forecast.offset(row, 0).value] for row in range(1, 10)]
    fan = call("OU_FORECAST", log_basis[-1][0], ou["theta"], ou["mu"], ou["sigma"], days,
               cell["forecast_confidence"])  # fmt: skip
    figures["Model", forecast.offset(1, 1).coordinate] = [[x * 10_000 for x in r] for r in fan]
    for row in range(1, 8):
        for right, scaling in enumerate(("sqrt", "ou", "empirical"), 2):
            horizon = risk.offset(row, 0).value
            figures["Model", risk.offset(row, right).coordinate] = at_risk(horizon, scaling)
    figures.update(expected_carry(book, cell, table))
    figures.update(expected_dated(book, cell, table["Dated"]))
    figures.update(expected_correlations(book, lambda coin: prices(table, coin)))
    return figures


def prices(table, coin):
    rows = table["Dated" if "dated" in coin else "History"]
    return rows["spot"], rows["futures"]


def values(rows):
    """A table of label and value without its labels."""
    return [[value] for _, value in rows]


def expected_dated(book, cell, rows):
    """The history of one dated future; a hint everywhere where the table is empty."""
    fitted = next(c for c in book["Dated"]["J"]
                  if c.offset(0, -1).value == "Speed of mean reversion")  # fmt: skip
    if rows["spot"][0] is None:
        names = ("dated_carry", "dated_earned", "dated_ratio")
        hint = "paste a history"
        return {place(book, name): hint for name in names} | {("Dated", fitted.coordinate): hint}
    spot, futures = column(rows["spot"]), column(rows["futures"])
    expiry = as_number(cell["dated_expiry"])
    days = [expiry - as_number(time) for time in rows["time"]]
    carry = [[(f / s - 1) * 365 / left]
             for (s,), (f,), left in zip(spot, futures, days, strict=True)]  # fmt: skip
    last = spot[-1][0], futures[-1][0]
    return {
        place(book, "dated_carry"): call("CARRY_RATE", *last, days[-1]),
        place(book, "dated_earned"): -cell["hedged_value"] * call("BASIS", *last, "pct"),
        place(book, "dated_ratio"): call("HEDGE_RATIO", spot, futures),
        ("Dated", fitted.coordinate): values(call("OU_FIT", carry, cell["dated_hours"] / 24)),
    }


def expected_carry(book, cell, table):
    spot, price = table["History"]["spot"][-1], column(table["Futures"]["Price"])
    now = as_number(table["History"]["time"][-1])
    days = [[as_number(expiry) - now] for expiry in table["Futures"]["Expiry"]]
    fair = call("FAIR_FUTURE", spot, cell["fair_carry"], days)
    wanted = (
        call("BASIS", spot, price, "bp"),
        call("CARRY_RATE", spot, price, days),
        call("CARRY_RATE", spot, price, days, "continuous"),
        fair,
        [[p - f] for (p,), (f,) in zip(price, fair, strict=True)],
    )
    titles = ("Basis", "Carry, simple", "Carry, continuous", "Fair price", "Price − fair")
    header = next(line for line in book["Carry"].iter_rows() if line[1].value == "Contract")
    places = {c.value: c.offset(1, 0).coordinate for c in header}
    return {("Carry", places[t]): v for t, v in zip(titles, wanted, strict=True)}
