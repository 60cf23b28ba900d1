"""What the funding, volatility and portfolio templates must show, by the core itself."""

import re

from book_helpers import formula_cells, named_values, opened, table_values
from book_values import column, ours, place
from openpyxl.utils import get_column_letter

from xlhedge import call
from xlhedge.sheet.cells import serial


def anchors(path, function):
    """The cells whose formula calls a function, in order of the sheet."""
    mine = {where for where, _ in ours(path)}
    return [
        (sheet, cell.get("r"))
        for sheet, cell, formula in formula_cells(path)
        if re.search(rf"\b{function}\(", formula.text) and (sheet, cell.get("r")) in mine
    ]


def expected_funding(path):
    """Place of an anchor to the scalar or rectangle that belongs there, from inputs alone."""
    book = opened(path, values=True)
    cell, table = named_values(path), table_values(path)
    stats, forecasts = anchors(path, "FUNDING_STATS"), anchors(path, "FUNDING_FORECAST")
    wanted = {}
    venues = sorted(name.removeprefix("Funding_") for name in table if name.isidentifier())
    for number, venue in enumerate(venues):
        rows = table[f"Funding_{venue}"]
        used = rows["rate"][0] is not None
        one = expected_venue(cell, rows, venue) if used else dict.fromkeys(VENUE_FIGURES)
        wanted |= {place(book, f"{name}_{venue}"): one[name] for name in VENUE_FIGURES}
        wanted[stats[number]] = one.get("stats")
        wanted[forecasts[number]] = one.get("forecast")
        for line, days in enumerate((0, 7, 14, 30, 60, 90, cell["stress_days"]), 6):
            cash = one["payment"] * days * 24 / 8 if used else None
            wanted["Stress", f"{get_column_letter(3 + number)}{line}"] = cash
    return wanted


VENUE_FIGURES = (
    "annual_short", "annual", "annual_long", "annual_all", "compound", "annual_now", "cash",
    "breakeven", "breakeven_annual", "funding_var", "funding_es",
)  # fmt: skip


def expected_venue(cell, rows, venue):
    """The figures of a venue that has rows."""
    rates, marks = column(rows["rate"]), column(rows["mark_price"])
    times = [serial(time) for time in rows["time"]]
    hours, held = cell[f"interval_{venue}"], cell[f"contracts_{venue}"]
    size, last = cell[f"contract_size_{venue}"], marks[-1][0]

    def mean(days):
        since = times[-1] - days
        if times[0] > since + hours / 24 + 0.05 / 24:
            return "too few rows"
        kept = [rate for rate, time in zip(rates, times, strict=True) if time > since + 0.05 / 24]
        return call("FUNDING_ANNUAL", kept, hours)

    need = call("FUNDING_BREAKEVEN", cell[f"entry_premium_{venue}"], cell[f"exit_premium_{venue}"],
                cell[f"costs_{venue}"], cell["financing_rate"], cell["holding_days"],
                hours)  # fmt: skip
    side = "long" if held > 0 else "short"
    risk = [call("FUNDING_VAR", rates, abs(held * size * last), cell["horizon_days"], hours,
                 cell["confidence"], side, measure) for measure in ("var", "es")]  # fmt: skip
    days = column([7, 14, 30, 60, 90, cell["forecast_days"]])
    return {
        "annual_short": mean(cell["window_short"]),
        "annual": mean(cell["window_days"]),
        "annual_long": mean(cell["window_long"]),
        "annual_all": call("FUNDING_ANNUAL", rates, hours),
        "compound": call("FUNDING_ANNUAL", rates, hours, "compound"),
        "annual_now": call("FUNDING_ANNUAL", rates[-1][0], hours),
        "cash": call("FUNDING_PNL", held, marks, rates, size),
        "breakeven": need,
        "breakeven_annual": call("FUNDING_ANNUAL", need, hours),
        "funding_var": risk[0],
        "funding_es": risk[1],
        "stats": [[value] for _, value in call("FUNDING_STATS", rates, hours)],
        "forecast": call("FUNDING_FORECAST", rates, days, hours, cell["forecast_confidence"]),
        "payment": call("FUNDING_PNL", held, last, cell["stress_rate"], size),
    }


def expected_volatility(path):
    cell, rows = named_values(path), table_values(path)["Candles"]
    book = opened(path, values=True)
    close, times = rows["close"], [serial(time) for time in rows["time"]]
    year = 365 * 24 / cell["bar_hours"]
    held, size, lot = cell["holding_quantity"], cell["contract_size"], cell["lot"]
    target, band, to = cell["target_volatility"], cell["trade_band"], cell["trade_to"]
    limits = (None, cell["max_exposure"], cell["min_exposure"])
    charges = (cell["fee_rate"], cell["spread"], cell["impact"])
    prices = column(close)
    forecasts = {
        "realised": call("VOL_REALIZED", prices, year),
        "ewma": call("VOL_EWMA", prices, cell["vol_decay"], year),
        "garch": call("VOL_GARCH", prices, cell["garch_rows"], year),
        "har": call("VOL_HAR", prices, year),
        "range": call("VOL_RANGE", *(column(rows[name]) for name in ("open", "high", "low")),
                      prices, cell["range_estimator"], year),
    }  # fmt: skip
    now = 1 + cell["contracts_held"] * size / held
    wanted = {place(book, f"forecast_{name}"): value for name, value in forecasts.items()}
    levels = column(forecasts.values())
    exposures = call("VOL_TARGET_EXPOSURE", target, levels, *limits)
    shares = call("VOL_TARGET_HEDGE", target, levels, cell["residual_volatility"])
    trades = call("VOL_TARGET_TRADE", now, exposures, band, to)
    paid = call("HEDGE_COST", [[row[0] * held * close[-1]] for row in trades], *charges)
    compared = (
        exposures,
        shares,
        call("HEDGE_CONTRACTS", held, close[-1], size, shares, None, None, lot),
        trades,
        [[row[0] / 2] for row in paid],
    )
    for right, value in enumerate(compared, 1):
        wanted[place(book, "forecast_realised", 0, right)] = value
    trade = trades[list(forecasts).index(cell["chosen_forecast"].lower())][0]
    wanted[place(book, "contracts_now")] = call(
        "HEDGE_CONTRACTS", held, close[-1], size, -trade, None, None, lot
    )
    history = [], [], [], []
    exposure = cell["start_exposure"]
    for line in range(46):
        date = times[-1] - (45 - line) * cell["rebalance_days"]
        known = [price for price, time in zip(close, times, strict=True) if time <= date]
        recent = [price for price, time in zip(close, times, strict=True)
                  if date - cell["window_days"] <= time <= date]  # fmt: skip
        forecast = call("VOL_EWMA", column(known), cell["vol_decay"], year)
        aim = call("VOL_TARGET_EXPOSURE", target, forecast, *limits)
        trade = call("VOL_TARGET_TRADE", exposure, aim, band, to)
        exposure += trade
        row = 7 + line
        wanted["Schedule", f"F{row}"] = forecast
        wanted["Schedule", f"I{row}"] = trade
        wanted["Schedule", f"N{row}"] = call("VOL_REALIZED", column(recent), year)
        for series, value in zip(
            history, (aim, 1 - exposure, trade * held * known[-1], known[-1]), strict=True
        ):
            series.append(value)
    aims, hedges, traded, known = (column(series) for series in history)
    wanted["Schedule", "G7"] = aims
    wanted["Schedule", "L7"] = call("HEDGE_CONTRACTS", held, known, size, hedges, None, None, lot)
    wanted["Schedule", "M7"] = [[row[0] / 2] for row in call("HEDGE_COST", traded, *charges)]
    return wanted


def expected_portfolio(path):
    cell, table = named_values(path), table_values(path)
    held, specs, prices = table["Holdings"], table["Contracts"], table["Prices"]
    of = {name: number for number, name in enumerate(specs["Contract"])}

    def series(name):
        rows = zip(prices["asset"], prices["price"], strict=True)
        return [[price] for asset, price in rows if asset == name]

    wanted, exact, totals = {}, [], dict.fromkeys(of, 0.0)
    book = [["asset", "instrument", "quantity", "price", "contract_size"]]
    for line in range(20):
        beta = effect = size = None
        if line < len(held["Asset"]):
            asset, contract, quantity, price, share, override = (
                held[name][line]
                for name in ("Asset", "Contract", "Quantity", "Price", "Share", "Beta")
            )
            pair = series(asset), series(contract)
            beta = call("BETA", *pair, cell["beta_lag"])
            ratio = share * (beta if override is None else override)
            effect = call("HEDGE_EFFECTIVENESS", *pair, ratio, "variance")
            number = of[contract]
            size = call("HEDGE_CONTRACTS", quantity, price, specs["Size"][number], ratio,
                        specs["Mark"][number], specs["Type"][number], 0)  # fmt: skip
            totals[contract] += size
            book.append([asset, "spot", quantity, price, None])
        wanted["Hedge", f"M{7 + line}"] = beta
        wanted["Hedge", f"O{7 + line}"] = effect
        exact.append([size])
    wanted["Hedge", "P7"] = exact
    trades = [
        [call("HEDGE_TRADE", specs["Held"][number], totals[name], cell["rebalance_band"],
              specs["Lot"][number])]
        for name, number in of.items()
    ]  # fmt: skip
    blank = [[None]] * (10 - len(trades))
    (where,), before_after = anchors(path, "HEDGE_TRADE"), anchors(path, "PORTFOLIO_DELTA")
    wanted[where] = [*trades, *blank]
    for anchor, traded in zip(before_after, (0, 1), strict=True):
        futures = [
            [specs["Underlying"][number], specs["Type"][number],
             specs["Held"][number] + traded * trades[number][0], specs["Mark"][number],
             specs["Size"][number]]
            for number in of.values()
        ]  # fmt: skip
        wanted[anchor] = call("PORTFOLIO_DELTA", [*book, *futures])[1:]
    return wanted
