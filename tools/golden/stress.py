"""Stress rows: position by position and account by account, in mpmath, without arrays."""

import mpmath
from _rows import row

MP = f"mpmath {mpmath.__version__}, 30 digits: one position after the other"
M = mpmath.mpf
HEADER = [
    "asset",
    "instrument",
    "quantity",
    "price",
    "contract_size",
    "entry_price",
    "beta",
    "account",
    "maintenance_rate",
    "maintenance_amount",
]
HEDGED = [
    HEADER,
    ["BTC", "spot", 1, 70000, "", "", "", "", "", ""],
    ["BTC", "linear", -1, 70000, "", "", "", "A", 0.005, ""],
]
DESK = [
    HEADER,
    ["BTC", "spot", 10, 70000, "", "", "", "", "", ""],
    ["ETH", "spot", 100, 3500, "", "", 1.2, "", "", ""],
    ["BTC", "linear", -120, 70100, 0.1, 68000, "", "A", 0.01, 150],
    ["ETH", "linear", 20, 3510, 1, 3600, 1.2, "A", 0.02, ""],
    ["BTC", "inverse", -2000, 70050, 100, 65000, "", "B", 0.005, ""],
    ["SOL", "spot", 50, 150, "", "", 1.6, "", "", ""],
]
ACCOUNTS = [
    ["account", "balance", "asset", "haircut"],
    ["A", 90000, "", ""],
    ["B", 0.6, "BTC", 0.05],
]
SCENARIOS = [
    [
        "scenario",
        "spot_shock",
        "basis_shock",
        "funding_rate",
        "intervals",
        "stablecoin_shock",
        "cost_rate",
        "top_up",
    ],
    ["nothing", 0, 0, 0, 0, 0, 0, False],
    ["crash", -0.4, 0.03, -0.002, 6, 0, 0.005, False],
    ["squeeze", 0.35, -0.01, 0.001, 3, 0, 0.005, False],
    ["paid squeeze", 0.35, -0.01, 0.001, 3, 0, 0.005, True],
    ["depeg", 0.02, 0, 0, 0, -0.12, 0.01, False],
    ["upward depeg", -0.05, 0, 0.0001, 3, 0.03, 0, False],
    ["negative funding", 0, 0.005, -0.0005, 90, 0, 0, False],
]


def num(cell, default):
    return M(default if cell == "" else cell)


def price_of(book, asset):
    """Spot price and beta of an asset: its first spot row, else its first row."""
    lines = [line for line in book[1:] if line[0] == asset]
    line = next((item for item in lines if item[1] == "spot"), lines[0])
    return M(line[3]), num(line[6], 1)


def legs(book, shock):
    """Of each position: account, spot, futures, funding, value, maintenance, notional, today."""
    _, spot_shock, basis, rate, intervals, depeg, *_ = shock
    unit = 1 + M(depeg)
    for line in book[1:]:
        asset, kind, quantity, price, size, entry, beta, account, m, c = line
        quantity, price, size = M(quantity), M(price), num(size, 1)
        growth = (1 + M(spot_shock)) ** num(beta, 1)
        if kind == "spot":
            yield {"account": "", "spot": quantity * price * (growth - 1)}
            continue
        entry = num(entry, price)
        future = price * growth * mpmath.exp(-M(basis))
        paid = M(rate) * M(intervals)
        if kind == "linear":
            future /= unit
            value = quantity * size * (future - entry) * unit
            today = quantity * size * (price - entry)
            funding = -quantity * size * future * paid * unit
            notional = abs(quantity) * size * future
            need = max(M(0), notional * num(m, 0) - num(c, 0)) * unit
            notional *= unit
        else:
            spot, _ = price_of(book, asset)
            shocked = spot * growth
            value = quantity * size * (1 / entry - 1 / future) * shocked
            today = quantity * size * (1 / entry - 1 / price) * spot
            funding = -quantity * size * paid
            need = max(M(0), abs(quantity) * size / future * num(m, 0) - num(c, 0)) * shocked
            notional = abs(quantity) * size
        yield {
            "account": account,
            "futures": value - today,
            "funding": funding,
            "value": value,
            "need": need,
            "notional": notional,
            "today": today,
        }


def collateral(book, accounts, shock):
    for name, balance, asset, haircut in accounts[1:]:
        if asset:
            price, beta = price_of(book, asset)
            after = price * (1 + M(shock[1])) ** beta
        else:
            price, after = M(1), 1 + M(shock[5])
        yield name, M(balance) * price, M(balance) * after, 1 - num(haircut, 0)


def total(items, key):
    return sum((item.get(key, M(0)) for item in items), M(0))


def world(book, accounts, shock):
    items = list(legs(book, shock))
    moves = list(collateral(book, accounts, shock))
    out = [total(items, key) for key in ("spot", "futures", "funding")]
    out.append(sum((after - before for _, before, after, _ in moves), M(0)))
    out.append(sum(out))
    equities, needs, ratios, calls, dead = [], [], [], M(0), []
    for name in sorted({line[0] for line in accounts[1:]}):
        mine = [item for item in items if item["account"] == name]
        equity = sum((after * keep for who, _, after, keep in moves if who == name), M(0))
        equity += total(mine, "value") + total(mine, "funding")
        need = total(mine, "need")
        equities.append(equity)
        needs.append(need)
        if mine:
            ratios.append(need / equity if equity > 0 else mpmath.inf)
            calls += max(M(0), 2 * need - equity)
            if equity <= need and not shock[7]:
                dead.append(name)
    worst = max(ratios)
    out += [sum(equities), sum(needs), "#NUM!" if worst == mpmath.inf else worst, calls, len(dead)]
    back = list(legs(book, [shock[0], 0, *shock[2:]]))
    back_moves = list(collateral(book, accounts, [shock[0], 0, *shock[2:]]))
    worlds = []
    for these, those in ((items, moves), (back, back_moves)):
        kept = [item for item in these if item["account"] not in dead]
        paid = [item for item in items if item["account"] not in dead]
        result = total(kept, "spot") + total(kept, "futures") + total(paid, "funding")
        result += sum((a - b for who, b, a, _ in those if who not in dead), M(0))
        worlds.append(result)
    lost = M(0)
    for name in dead:
        mine = [item for item in items if item["account"] == name]
        worth = sum((before for who, before, _, _ in moves if who == name), M(0))
        lost += max(M(0), worth + total(mine, "today")) + M(shock[6]) * total(mine, "notional")
    after = min(worlds) - lost if dead else out[4]
    return [shock[0], *out, after]


COLUMNS = [
    "scenario",
    "spot_pnl",
    "futures_pnl",
    "funding_pnl",
    "collateral_pnl",
    "total_pnl",
    "equity",
    "maintenance",
    "margin_ratio",
    "margin_call",
    "liquidated",
    "pnl_after_liquidation",
]


def scenarios():
    for name, book, accounts in (
        ("desk", DESK, ACCOUNTS),
        ("hedged", HEDGED, [["account", "balance", "asset", "haircut"], ["A", 7000, "", ""]]),
    ):
        want = [COLUMNS, *(world(book, accounts, shock) for shock in SCENARIOS[1:])]
        args = [book, SCENARIOS, accounts]
        row(f"stress-pnl-{name}", "STRESS_PNL", args, want, MP, rel=1e-10, abs=1e-7)
    short = [HEDGED[0], HEDGED[2]]
    depeg = [["scenario", "spot_shock", "stablecoin_shock"], ["depeg", 0, -0.1]]
    want = world(
        short, [["", "", "", ""], ["A", 7000, "", ""]], ["depeg", 0, 0, 0, 0, -0.1, 0, False]
    )
    args = [short, depeg, [["account", "balance"], ["A", 7000]]]
    note = "BTCUSDT rises to 77,778: the short is liquidated and its 7,000 are lost"
    row("stress-pnl-depeg", "STRESS_PNL", args, [COLUMNS, want], MP, rel=1e-12, abs=1e-9, note=note)
    lacking = [HEDGED[0], ["BTC", "linear", -1, 70000, "", "", "", "A", "", ""]]
    margin = [["account", "balance"], ["A", 7000]]
    row("stress-no-rate", "STRESS_PNL", [lacking, depeg, margin], "#VALUE!", "no maintenance_rate")
    other = [["account", "balance"], ["B", 7000]]
    row("stress-unknown-account", "STRESS_PNL", [short, depeg, other], "#VALUE!", "no account A")


def grids():
    spots, bases = [-0.5, -0.1, 0, 0.2, 1.5], [-0.05, 0, 0.02]
    want = []
    for s in spots:
        items = [list(legs(DESK, ["", s, b, 0, 0, 0, 0, False])) for b in bases]
        want.append([total(line, "spot") + total(line, "futures") for line in items])
    args = [DESK, [[s] for s in spots], [bases]]
    row("stress-grid-desk", "STRESS_GRID", args, want, MP, rel=1e-10, abs=1e-7)
    synthetic = [
        HEADER,
        ["BTC", "spot", 1, 70000, "", "", "", "", "", ""],
        ["BTC", "inverse", -50000, 70000, 1, 50000, "", "", "", ""],
    ]
    flat = "a coin against a short of its full value at entry is a dollar amount: no delta"
    want = [[0], [0], [0]]
    args = [synthetic, [[-0.6], [0.3], [2]], 0]
    row("stress-grid-synthetic-dollar", "STRESS_GRID", args, want, flat, abs=1e-9)


def replays():
    spot = [60000, 63000, 66100, 68000, 66500, 61000, 59000]
    future = [60100, 63200, 66000, 68300, 66400, 61000, 58900]
    rates = [0.01, 0.0001, 0.0002, 0.0003, -0.0001, -0.0002, 0.0001]
    book = HEDGED
    accounts = [["account", "balance", "asset", "haircut"], ["A", 9000, "", ""]]
    totals, first_call, first_dead, paid = [], None, None, M(0)
    for index, (s, f) in enumerate(zip(spot, future, strict=True)):
        factor = M(f) / M(future[0])
        if index:
            paid += 70000 * factor * M(rates[index])
        held = 70000 * (M(s) / M(spot[0]) - 1)
        value = -70000 * (factor - 1)
        totals.append(held + value + paid)
        equity, need = 9000 + value + paid, 70000 * factor * M("0.005")
        if 2 * need > equity and first_call is None:
            first_call = index + 1
        if need >= equity and first_dead is None:
            first_dead = index + 1
    high, drawdown = M("-inf"), M(0)
    for item in totals:
        high = max(high, item)
        drawdown = max(drawdown, high - item)
    want = {
        "worst_pnl": min(totals),
        "worst_row": totals.index(min(totals)) + 1,
        "end_pnl": totals[-1],
        "maximum_drawdown": drawdown,
        "first_margin_call_row": first_call,
        "first_liquidation_row": first_dead,
    }
    args = [book, *([[x] for x in line] for line in (spot, future, rates)), accounts]
    row("stress-replay", "STRESS_REPLAY", args, want, MP, rel=1e-10, abs=1e-8)
    rich = [accounts[0], ["A", 50000, "", ""]]
    want = {"first_margin_call_row": "#N/A", "first_liquidation_row": "#N/A"}
    row("stress-replay-rich", "STRESS_REPLAY", [*args[:4], rich], want, "no call in this history")


def reverses():
    margin = [["account", "balance"], ["A", 7000]]
    short = [HEDGED[0], HEDGED[2]]
    want = {"up": M(77000) / M("1.005") / 70000 - 1, "down": "#N/A"}
    by_hand = "77,000 / 1.005 / 70,000 − 1"
    row(
        "reverse-liquidation",
        "STRESS_REVERSE",
        [short, "liquidation", margin],
        want,
        by_hand,
        rel=1e-12,
    )
    row(
        "reverse-hedged",
        "STRESS_REVERSE",
        [HEDGED, "liquidation", margin],
        want,
        by_hand,
        rel=1e-12,
    )
    long = [HEADER, ["ETH", "spot", 10, 3500, "", "", 1.5, "", "", ""]]
    want = {"up": "#N/A", "down": (1 - M(7000) / 35000) ** (1 / M("1.5")) - 1}
    row("reverse-beta", "STRESS_REVERSE", [long, 7000], want, "0.8^(1/1.5) − 1", rel=1e-12)
    book = [*long, ["BTC", "linear", -1, 70000, "", "", "", "", "", ""]]

    def pnl(move):
        return 35000 * ((1 + move) ** M("1.5") - 1) - 70000 * move

    up = mpmath.findroot(lambda x: pnl(x) + 5000, (0.1, 0.5), solver="anderson")
    want = {"up": up, "down": "#N/A"}
    row("reverse-two-betas", "STRESS_REVERSE", [book, 5000], want, f"{MP}: findroot", rel=1e-11)
    row(
        "reverse-without-accounts",
        "STRESS_REVERSE",
        [short, "liquidation"],
        "#VALUE!",
        "no accounts",
    )
    row("reverse-no-loss", "STRESS_REVERSE", [short, 0], "#NUM!", "a target is positive")


def reports():
    margin = [["account", "balance"], ["A", 7000]]
    price = M(77000) / M("1.005")
    b = mpmath.log(price / 70000)

    def touch(days):
        s = M("0.6") * mpmath.sqrt(M(days) / 365)
        return mpmath.ncdf((-s * s / 2 - b) / s) + mpmath.exp(-b) * mpmath.ncdf((s * s / 2 - b) / s)

    want = {
        "gross_value": 140000,
        "net_delta": 0,
        "net_value": 0,
        "hedged_share": 1,
        "directional_var": 0,
        "directional_es": 0,
        "liquidation_price": price,
        "liquidation_distance": price / 70000 - 1,
        "liquidation_distance_sigma": b / (M("0.6") * mpmath.sqrt(M(1) / 365)),
        "liquidation_probability_1_day": touch(1),
        "liquidation_probability_7_days": touch(7),
        "liquidation_probability_30_days": touch(30),
        "margin_ratio": 0.05,
        "top_up": 0,
    }
    row("report-hedged", "HEDGE_REPORT", [HEDGED, margin, 0.6], want, MP, rel=1e-9, abs=1e-9)
    half = [*HEDGED[:2], ["BTC", "linear", -0.5, 70000, "", "", "", "A", 0.005, ""]]
    z = mpmath.sqrt(2) * mpmath.erfinv(2 * M("0.99") - 1)
    sd = 35000 * M("0.6") * mpmath.sqrt(M(10) / 365)
    want = {
        "net_delta": 0.5,
        "hedged_share": 0.5,
        "directional_var": z * sd,
        "directional_es": sd * mpmath.npdf(z) / M("0.01"),
    }
    row("report-half", "HEDGE_REPORT", [half, margin, 0.6, 10], want, MP, rel=1e-9)
    beyond = [HEADER, ["BTC", "linear", -1, 80000, "", 70000, "", "A", 0.005, ""]]
    want = {
        "liquidation_price": price,
        "liquidation_distance": price / 80000 - 1,
        "liquidation_probability_1_day": 1,
        "margin_ratio": "#NUM!",
        "top_up": 3800,
    }
    row("report-beyond", "HEDGE_REPORT", [beyond, margin, 0.6], want, MP, rel=1e-9)


scenarios()
grids()
replays()
reverses()
reports()
