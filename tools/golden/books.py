"""Writes xlhedge/golden/books.toml: whole books over histories, window by window in plain Python.

Run with: python tools/golden/books.py > xlhedge/golden/books.toml
Computed with Python 3.11 and mpmath 1.3: one window after the other, one position after the other.
"""

import mpmath
from _rows import prices, row, shocks

m = mpmath.mpf
SOURCE = "every window and position one by one, mpmath 30 digits"
START, SLOW = 20, m("0.985")


def history(rows=60):
    btc, eth = prices(rows, 3), prices(rows, 11, first=50.0)
    table = [["time", "BTC spot", "BTC futures", "BTC funding", "BTC M26 futures", "ETH spot"]]
    table[0] += ["eth futures", "ETH_funding"]
    for i, (b, e, x, y, z) in enumerate(
        zip(btc, eth, *(shocks(rows, k, scale=0.001) for k in (5, 6, 7)), strict=True)
    ):
        table.append(
            [
                45000 + i,
                b,
                round(b * (1 + x), 3),
                round(0.0001 + x / 10, 7),
                round(b * (1.01 + y), 3),
                e,
                round(e * (1 + z), 3),
                round(0.0002 + z / 10, 7),
            ]
        )
    return table


def averages(values, decay):
    """After the first 20, and after each further one."""
    level = sum(values[:START]) / START
    found = [level]
    for value in values[START:]:
        level = decay * level + (1 - decay) * value
        found.append(level)
    return found


class Series:
    def __init__(self, table, spot, futures, funding):
        columns = {name.lower().replace("_", " "): i for i, name in enumerate(table[0])}

        def column(name):
            return [m(str(line[columns[name]])) for line in table[1:]]

        self.spot, self.futures = column(spot), column(futures)
        self.rates = column(funding) if funding else None
        self.basis = [mpmath.log(s / f) for s, f in zip(self.spot, self.futures, strict=True)]

    def window(self, t, h, decay):
        """ln s, change of the basis, sum of rate·F/F₀ and of rates."""
        log_spot = mpmath.log(self.spot[t + h] / self.spot[t])
        change = self.basis[t + h] - self.basis[t]
        value = face = m(0)
        if self.rates:
            later = range(t + 1, t + h + 1)
            value = sum(self.rates[k] * self.futures[k] / self.futures[t] for k in later)
            face = sum(self.rates[k] for k in later)
        if decay is not None:
            log_spot *= self.scale(
                [mpmath.log(b / a) for a, b in zip(self.spot, self.spot[1:], strict=False)],
                t,
                decay,
            )
            moves = [b - a for a, b in zip(self.basis, self.basis[1:], strict=False)]
            change *= self.scale(moves, t, decay)
            if self.rates:
                levels = averages(self.rates, SLOW)
                drift = h * (levels[-1] - levels[t + 1 - START])
                value, face = value + drift, face + drift
        return log_spot, change, value, face

    @staticmethod
    def scale(moves, t, decay):
        variances = averages([x * x for x in moves], decay)
        return mpmath.sqrt(variances[-1] / variances[t - START])


def pnl(book, spot_price, series, t, h, decay):
    """Spot, basis and funding parts of one window, per position."""
    result = []
    for asset, instrument, quantity, price, size, entry, contract in book:
        log_spot, change, value, face = series[asset, contract].window(t, h, decay)
        s = mpmath.exp(log_spot)
        if instrument == "spot":
            result.append((quantity * price * (s - 1), m(0), m(0)))
        elif instrument == "linear":
            f = s * mpmath.exp(-change)
            units = quantity * size * m(price)
            result.append((units * (s - 1), units * (f - s), -units * value))
        else:
            today, f = m(spot_price[asset]), s * mpmath.exp(-change)
            before = quantity * size * (1 / m(entry) - 1 / m(price)) * today
            after = quantity * size * (1 / m(entry) - 1 / (m(price) * f)) * today * s
            spot = quantity * size * today * (s - 1) / m(entry)
            result.append((spot, after - before - spot, -quantity * size * face))
    return result


def tail(losses, confidence):
    losses = sorted(losses)
    last = len(losses) - 1
    place = m(str(confidence)) * last
    low = int(mpmath.floor(place))
    var = losses[low] + (place - low) * (losses[min(low + 1, last)] - losses[low])
    count = int(mpmath.floor(last * (1 - m(str(confidence))))) + 1
    return var, sum(losses[-count:]) / count


def covariance(a, b):
    x, y = sum(a) / len(a), sum(b) / len(b)
    return sum((p - x) * (q - y) for p, q in zip(a, b, strict=True))


def main():
    table = history()
    series = {
        ("BTC", ""): Series(table, "btc spot", "btc futures", "btc funding"),
        ("BTC", "M26"): Series(table, "btc spot", "btc m26 futures", None),
        ("ETH", ""): Series(table, "eth spot", "eth futures", "eth funding"),
    }
    header = ["asset", "instrument", "quantity", "price", "contract_size", "entry_price"]
    header += ["contract", "days"]
    held = [
        ("BTC", "spot", 2, 70000, 1, 70000, ""),
        ("ETH", "spot", -10, 3500, 1, 3500, ""),
        ("BTC", "linear", -1.5, 70100, 1, 69000, ""),
        ("ETH", "linear", 8, 3510, 0.5, 3510, ""),
        ("BTC", "inverse", -300, 70050, 100, 65000, ""),
        ("BTC", "linear", 2, 71000, 0.1, 71000, "M26"),
    ]
    book = [header] + [[a, i, q, p, n, e, c or "", 30 if c else ""] for a, i, q, p, n, e, c in held]
    spot_price = {"BTC": 70000, "ETH": 3500}
    for name, h, confidence, method, decay in (
        ("windows-1", 1, 0.9, "windows", None),
        ("windows-7", 7, 0.8, "windows", None),
        ("scaled-1", 1, 0.9, "scaled", m("0.97")),
        ("scaled-5", 5, 0.8, "scaled", m("0.9")),
    ):
        first = START if decay is not None else 0
        starts = range(first, 60 - h)
        windows = [pnl(held, spot_price, series, t, h, decay) for t in starts]
        parts = [[sum(leg[k] for leg in window) for window in windows] for k in range(3)]
        total = [sum(three) for three in zip(*parts, strict=True)]
        var, es = tail([-x for x in total], confidence)
        arguments = [book, table, h, confidence, method]
        arguments += [float(decay)] if decay is not None else []
        variance = covariance(total, total)
        shares = {
            f"{part}_share": covariance(values, total) / variance
            for part, values in zip(("spot", "basis", "funding"), parts, strict=True)
        }
        want = {"var": var, "es": es, "mean": sum(total) / len(total), "worst": min(total)}
        want |= {"windows": len(total), "independent_windows": m(60) / h, **shares}
        row(f"book-{name}", "BOOK_VAR", arguments, want, SOURCE, rel=1e-9)
        if name == "scaled-5":
            losses = [[-sum(window[leg]) for window in windows] for leg in range(len(held))]
            sums = [-x for x in total]
            order = sorted(range(len(sums)), key=lambda i: sums[i])
            count = int(mpmath.floor((len(sums) - 1) * m("0.2"))) + 1
            rows = [
                [
                    held[leg][0],
                    held[leg][1],
                    "",
                    sum(own[i] for i in order[-count:]) / count,
                    tail(own, 0.8)[1],
                    tail([a - b for a, b in zip(sums, own, strict=True)], 0.8)[1],
                ]
                for leg, own in enumerate(losses)
            ]
            head = ["asset", "instrument", "account", "component_es", "standalone_es"]
            row(
                "book-contribution",
                "BOOK_CONTRIBUTION",
                arguments,
                [[*head, "without_es"], *rows],
                SOURCE,
                rel=1e-9,
            )
            rows = [
                [45000 + t + h, x, *three]
                for t, x, three in zip(starts, total, zip(*parts, strict=True), strict=True)
            ]
            row(
                "book-pnl",
                "BOOK_PNL",
                [book, table, h, method, float(decay)],
                [["end", "pnl", "spot", "basis", "funding"], *rows],
                SOURCE,
                rel=1e-9,
                abs=1e-9,
            )
    short = [table[0], *table[1:27]]
    row("book-26-rows", "BOOK_VAR", [book, short], {"windows": 5}, "26 − 1 − 20 windows")
    row("book-25-rows", "BOOK_VAR", [book, short[:-1]], "#N/A", "4 windows, 5 are needed")
    without = [line[:-1] for line in table]
    row(
        "book-without-funding",
        "BOOK_VAR",
        [book, without],
        {"funding_included": False},
        "ETH funding is not there, and the result says so",
    )
    without = [line[:6] for line in table]
    row("book-without-futures", "BOOK_VAR", [book, without], "#VALUE!", "no column ETH futures")
    blank = [list(line) for line in table]
    blank[9][5] = ""
    row("book-blank", "BOOK_VAR", [book, blank], "#VALUE!", "a blank inside a series")


if __name__ == "__main__":
    main()
