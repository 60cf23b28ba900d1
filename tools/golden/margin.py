"""Margin rows by mpmath at 30 digits: roots by bisection, first passage by its textbook form.

Nothing of the formulas under test is used: a liquidation price is where equity, from the profit of
each contract, meets maintenance, from each slice of the notional paying its own bracket's rate.
"""

import mpmath
from _rows import row

MP = f"mpmath {mpmath.__version__}, 30 digits"
M = mpmath.mpf
BRACKETS = [[0, 0.004], [50000, 0.005], [600000, 0.0065], [3e6, 0.01], [12e6, 0.02], [70e6, 0.025]]
COIN = [[0, 0.004], [5, 0.005], [10, 0.01], [20, 0.025], [50, 0.05], [100, 0.1], [200, 0.125]]


def table(brackets):
    return [["floor", "rate"], *brackets]


def by_slices(notional, brackets):
    total = M(0)
    tops = [floor for floor, _ in brackets[1:]] + [mpmath.inf]
    for (floor, rate), top in zip(brackets, tops, strict=True):
        total += max(M(0), min(notional, M(top)) - M(floor)) * M(rate)
    return total


def slack(price, contracts, entry, wallet, size, kind, required):
    units = M(contracts) * M(size)
    if kind == "linear":
        return M(wallet) + units * (price - M(entry)) - required(abs(units) * price)
    return M(wallet) + units * (1 / M(entry) - 1 / price) - required(abs(units) / price)


def root(contracts, entry, wallet, size, kind, required):
    """Bisection in logs; the loss side is where slack is negative."""
    loss = mpmath.log(M(entry)) + (40 if contracts < 0 else -40)
    gain = mpmath.log(M(entry)) - (40 if contracts < 0 else -40)
    for _ in range(140):
        middle = (loss + gain) / 2
        value = slack(mpmath.exp(middle), contracts, entry, wallet, size, kind, required)
        loss, gain = (middle, gain) if value < 0 else (loss, middle)
    return mpmath.exp((loss + gain) / 2)


def tiered():
    cases = [
        ("small-short", -1, 70000, 7000, 1, "linear", BRACKETS),
        ("large-short", -300, 70000, 2e6, 1, "linear", BRACKETS),
        ("large-long", 300, 70000, 2e6, 1, "linear", BRACKETS),
        ("long-falls-a-tier", 10, 65000, 3e5, 1, "linear", BRACKETS),
        ("short-rises-a-tier", -8.5, 70000, 60000, 1, "linear", BRACKETS),
        ("gain-side-short", -1, 70000, 100, 1, "linear", BRACKETS),
        ("gain-side-long", 1, 70000, 100, 1, "linear", BRACKETS),
        ("negative-wallet", -1, 70000, -5000, 1, "linear", BRACKETS),
        ("inverse-long", 100000, 45000, 30, 100, "inverse", COIN),
        ("inverse-short", -100000, 45000, 30, 100, "inverse", COIN),
        ("inverse-short-falls-a-tier", -50000, 45000, 45, 100, "inverse", COIN),
        ("inverse-gain-side", -20000, 45000, 0.1, 100, "inverse", COIN),
    ]
    for name, n, entry, wallet, size, kind, brackets in cases:
        price = root(n, entry, wallet, size, kind, lambda x, b=brackets: by_slices(x, b))
        args = [n, entry, wallet, "", size, kind, "", "", "", table(brackets)]
        source = f"{MP}: bisection of equity less maintenance by slices"
        row(f"liq-tiers-{name}", "LIQ_PRICE", args, price, source, rel=1e-12)
        price = root(
            n, entry, wallet, size, kind, lambda x, b=brackets: by_slices(x, b) + M("0.0005") * x
        )
        args[7] = 0.0005
        row(f"liq-tiers-fee-{name}", "LIQ_PRICE", args, price, source, rel=1e-12)
        held = by_slices(abs(M(n) * size) * M(entry) ** (1 if kind == "linear" else -1), brackets)
        price = root(n, entry, wallet, size, kind, lambda x, held=held: held)
        args = [n, entry, wallet, "", size, kind, "", "", "entry", table(brackets)]
        row(f"liq-tiers-entry-{name}", "LIQ_PRICE", args, price, source, rel=1e-12)


def plain():
    for n, wallet, kind in [(-3, 500, "linear"), (3, 500, "linear"), (-3, -20, "linear")]:
        price = root(n, 2000, wallet, 0.1, kind, lambda x: M("0.01") * x)
        source = f"{MP}: bisection"
        args = [n, 2000, wallet, 0.01, 0.1, kind]
        row(f"liq-plain-{n}-{wallet}", "LIQ_PRICE", args, price, source, rel=1e-12)
    for n, wallet in [(-500, 0.2), (500, 0.2), (500, 0.001), (-500, -0.1)]:
        price = root(n, 2000, wallet, 1, "inverse", lambda x: M("0.01") * x + M("0.0006") * x)
        args = [n, 2000, wallet, 0.01, 1, "inverse", 0, 0.0006]
        row(f"liq-inverse-{n}-{wallet}", "LIQ_PRICE", args, price, f"{MP}: bisection", rel=1e-12)
        price = root(n, 2000, wallet, 1, "inverse", lambda x: M(0))
        args = [n, 2000, wallet, 1, "inverse"]
        name = f"bankruptcy-inverse-{n}-{wallet}"
        row(name, "BANKRUPTCY_PRICE", args, price, f"{MP}: bisection", rel=1e-12)


def errors():
    short = [-1, 70000, 7000]
    tiers = table(BRACKETS)
    cases = [
        ("long-fully-paid", [1, 70000, 70000, 0.005], "#N/A", "the wallet covers a fall to 0"),
        ("inverse-short-fully-paid", [-70000, 70000, 1, 0.005, 1, "inverse"], "#N/A", "W ≥ N/E"),
        ("no-position", [0, 70000, 7000, 0.005], "#N/A", "nothing to liquidate"),
        ("short-lost-at-any-price", [-1, 70000, -80000, 0.005], "#N/A", "no positive root"),
        ("tiers-and-rate", [*short, 0.005, 1, "linear", 0, 0, "mark", tiers], "#VALUE!", "both"),
        ("tiers-and-amount", [*short, "", 1, "linear", 50, 0, "mark", tiers], "#VALUE!", "both"),
        ("neither", [*short, ""], "#VALUE!", "neither rate nor tiers"),
        ("rate-of-1", [*short, 1], "#NUM!", "a rate lies in [0, 1)"),
        ("wrong-amount", [*short, 0.004, 1, "linear", 1e6], "#NUM!", "negative maintenance"),
        ("rate-and-fee-of-1", [1, 70000, 700, 0.6, 1, "linear", 0, 0.5], "#NUM!", "m + f ≥ 1"),
    ]
    for name, args, want, why in cases:
        row(f"liq-error-{name}", "LIQ_PRICE", args, want, f"contract of LIQ_PRICE: {why}")


def touch(price, level, sigma, days, drift):
    years = M(days) / 365
    b = abs(mpmath.log(M(level) / M(price)))
    nu = (M(drift) - M(sigma) ** 2 / 2) * (1 if level > price else -1)
    spread = M(sigma) * mpmath.sqrt(years)
    mirrored = mpmath.exp(2 * nu * b / M(sigma) ** 2) * mpmath.ncdf((-nu * years - b) / spread)
    return mpmath.ncdf((nu * years - b) / spread) + mirrored


def passage():
    cases = [
        (70000, 76616.92, 0.6, 7, 0),
        (70000, 76616.92, 0.6, 30, -0.5),
        (70000, 63000, 0.6, 7, 0.3),
        (70000, 210000, 0.3, 30, 0),
        (70000, 69999.99, 1.5, 1, 0),
        (70000, 7000, 4, 365, -3),
        (1, 1.05, 0.01, 365, 0.02),
        (1, 0.2, 0.05, 365, 0.0),
    ]
    for index, args in enumerate(cases):
        source = f"{MP}: Φ + exp·Φ"
        row(f"touch-{index}", "LIQ_PROBABILITY", list(args), touch(*args), source, rel=1e-9)
    one = "the price is beyond the liquidation price"
    row("touch-beyond", "LIQ_PROBABILITY", [80000, 76617, 0.6, 7, 0, "short"], 1, one)
    row("touch-no-days", "LIQ_PROBABILITY", [70000, 76617, 0.6, 0], 0, "no time, no move")
    row("touch-no-volatility", "LIQ_PROBABILITY", [100, 110, 0, 365, 0.1], 1, "100·e^0.1 > 110")
    row("touch-drift-away", "LIQ_PROBABILITY", [100, 110, 0, 365, 0.09], 0, "100·e^0.09 < 110")


def buffers():
    cases = [
        (-1, 70000, 0.6, 7, 0.005, 0.99, 1, "linear", None),
        (1, 70000, 0.6, 7, 0.005, 0.95, 1, "linear", None),
        (-70000, 70000, 0.8, 30, 0.01, 0.99, 1, "inverse", None),
        (70000, 70000, 0.8, 30, 0.01, 0.99, 1, "inverse", None),
        (-500, 70000, 0.6, 7, None, 0.999, 1, "linear", BRACKETS),
        (100000, 45000, 0.6, 7, None, 0.9, 100, "inverse", COIN),
        (-1, 70000, 0.6, 0, 0.005, 0.99, 1, "linear", None),
    ]
    for index, (n, price, sigma, days, rate, confidence, size, kind, brackets) in enumerate(cases):
        side = 1 if n < 0 else -1

        def excess(b, price=price, side=side, sigma=sigma, days=days, confidence=confidence):
            level = M(price) * mpmath.exp(side * b)
            return touch(M(price), level, sigma, days, 0) - (1 - M(confidence))

        low, high = M(0), M(30)
        if days:
            for _ in range(110):
                middle = (low + high) / 2
                low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        else:
            high = M(0)
        level = M(price) * mpmath.exp(side * high)
        need = (lambda x, b=brackets: by_slices(x, b)) if brackets else (lambda x, r=rate: M(r) * x)
        wallet = -slack(level, n, price, 0, size, kind, need)
        args = [n, price, sigma, days, "" if rate is None else rate, confidence, size, kind]
        if brackets:
            args.append(table(brackets))
        source = f"{MP}: bisection for the level, then equity = maintenance"
        row(f"buffer-{index}", "MARGIN_BUFFER", args, wallet, source, rel=1e-10)


def states():
    cases = [
        (-1, 70000, 73000, 7000, 0.005, 1, "linear", None),
        (5, 3000, 2500, 4000, 0.01, 1, "linear", None),
        (-300, 70000, 71000, 2e6, None, 1, "linear", BRACKETS),
        (100000, 45000, 38000, 101, None, 100, "inverse", COIN),
        (-70000, 70000, 75000, 0.2, 0.01, 1, "inverse", None),
    ]
    for index, (n, entry, mark, wallet, rate, size, kind, brackets) in enumerate(cases):
        need = (lambda x, b=brackets: by_slices(x, b)) if brackets else (lambda x, r=rate: M(r) * x)
        equity = slack(M(mark), n, entry, wallet, size, kind, lambda x: M(0))
        required = equity - slack(M(mark), n, entry, wallet, size, kind, need)
        args = [n, entry, mark, wallet, "" if rate is None else rate, size, kind]
        args.append(table(brackets) if brackets else "")
        row(f"ratio-{index}", "MARGIN_RATIO", args, required / equity, MP, rel=1e-12)
        for target in (0.5, 0.1):
            call = max(M(0), required / M(target) - equity)
            name = f"call-{index}-{target}"
            row(name, "MARGIN_CALL", [*args, target], call, MP, rel=1e-12, abs=1e-12)
        last = brackets is None
        maintenance = [n, mark, *args[4:7], "" if last else table(brackets)]
        row(f"maintenance-{index}", "MAINTENANCE_MARGIN", maintenance, required, MP, rel=1e-12)
    row("ratio-no-equity", "MARGIN_RATIO", [-1, 70000, 77000, 7000, 0.005], "#NUM!", "equity is 0")
    row(
        "call-in-debt",
        "MARGIN_CALL",
        [-1, 70000, 80000, 7000, 0.005],
        3800,
        "800 + 3,000",
        rel=1e-12,
    )


def ladders():
    header = ["move", "price", "unrealised_pnl", "equity", "maintenance", "ratio", "top_up"]
    for name, moves in (("given", [-0.1, 0.0, 0.09, 0.1]), ("default", None)):
        rows = []
        for move in moves or [i / 20 for i in range(11)]:
            price = M(70000) * (1 + M(move))
            pnl = 70000 - price
            equity, required = 7000 + pnl, price * M("0.005")
            dead = equity < M("1e-9")
            ratio = "#NUM!" if dead else required / equity
            status = (
                "liquidated"
                if dead or ratio >= 1
                else "call"
                if ratio >= 0.8
                else "warn"
                if ratio >= 0.5
                else "ok"
            )
            top_up = max(M(0), required * 2 - equity)
            rows.append([M(move), price, pnl, equity, required, ratio, top_up, status])
        args = [-1, 70000, 7000, 0.005]
        args += [[[m] for m in moves]] if moves else []
        want = [[*header, "status"], *rows]
        row(f"ladder-{name}", "MARGIN_LADDER", args, want, MP, rel=1e-12, abs=1e-8)


def cross():
    header = ["asset", "instrument", "quantity", "price", "entry_price", "maintenance_rate"]
    both = [
        header,
        ["BTC", "linear", 2, 70000, 68000, 0.01],
        ["BTC", "linear", -5, 70000, 71000, 0.01],
        ["ETH", "linear", 10, 3500, 3600, 0.02],
    ]
    # W + 2(P − 68000) − 5(P − 71000) − 0.07·P + 10(3500 − 3600) − 700 = 0
    wallet = 30000
    price = (M(wallet) - 2 * 68000 + 5 * 71000 - 1000 - 700) / (3 + M("0.07"))
    by_hand = "a straight line, solved by hand"
    row("cross-hedged", "LIQ_PRICE_CROSS", [both, wallet, "BTC"], price, by_hand, rel=1e-12)
    price = (M(700 + 0) - (M(wallet) + 2 * 2000 - 5 * -1000 - M(4900)) + 36000 - 700) / (
        10 * M("0.98")
    )
    row("cross-other", "LIQ_PRICE_CROSS", [both, wallet, "ETH"], price, by_hand, rel=1e-12)
    one = [header[:5], ["BTC", "linear", -300, 70000, 70000]]
    tiers = [["asset", "floor", "rate"], *(["BTC", *line] for line in BRACKETS)]
    price = root(-300, 70000, 2e6, 1, "linear", lambda x: by_slices(x, BRACKETS))
    row("cross-tiers", "LIQ_PRICE_CROSS", [one, 2e6, "BTC", tiers], price, MP, rel=1e-12)
    inverse = [header, ["BTC", "inverse", 2, 70000, 68000, 0.01]]
    row("cross-inverse", "LIQ_PRICE_CROSS", [inverse, 1, "BTC"], "#VALUE!", "inverse rows")
    row("cross-unknown", "LIQ_PRICE_CROSS", [both, 1, "SOL"], "#VALUE!", "no such asset")


tiered()
plain()
errors()
passage()
buffers()
states()
ladders()
cross()
