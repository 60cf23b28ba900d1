"""The library of scenarios: what an exchange recorded, and what the documentation prints."""

import math

import numpy as np
import pytest
from places import DOCS
from shared_data import needs_data, numbers, read
from stress_books import AFTER, SHOCKS, book, linear, money, spot

from xlhedge import call
from xlhedge.core.stress.library import HISTORICAL

PAGE = DOCS / "scenarios.md"


def test_the_library_feeds_the_stress_test_and_names_its_events():
    library = call("STRESS_SCENARIOS")
    assert library[0] == [*SHOCKS, "proxy_shock"]
    names = [row[0] for row in library[1:]]
    assert names[:5] == [
        "12 March 2020",
        "19 May 2021",
        "LUNA May 2022",
        "FTX November 2022",
        "10 October 2025",
    ]
    assert len(set(names)) == len(names) >= 12
    lines = [spot(1), linear(-1, account="A", rate=0.005)]
    rows = call("STRESS_PNL", book(*lines), library, money(["A", 7000, "", ""]))[1:]
    assert [row[0] for row in rows] == names
    assert min(row[AFTER] for row in rows) < -7000


EVENTS = {
    "12 March 2020": ("2020-03-12", "2020-03-13"),
    "19 May 2021": ("2021-05-19", "2021-05-19"),
    "LUNA May 2022": ("2022-05-07", "2022-05-12"),
    "FTX November 2022": ("2022-11-06", "2022-11-09"),
    "10 October 2025": ("2025-10-10", "2025-10-10"),
}


def next_day(day):
    return str(np.datetime64(day) + 1)


@needs_data
@pytest.mark.parametrize("scenario", HISTORICAL, ids=[row.scenario for row in HISTORICAL])
def test_a_historical_scenario_is_what_the_exchange_recorded(scenario):
    first, last = EVENTS[scenario.scenario]
    hours = read("binance_BTCUSDT_spot_perp_close_1h.csv")
    times = hours["open_time_utc"]
    begin, end = times.index(f"{first}T00:00Z"), times.index(f"{next_day(last)}T00:00Z")
    spots = [float(x) for x in hours["spot_close"][begin - 1 : end]]
    basis = [
        math.log(s / float(f))
        for s, f in zip(spots, hours["perp_close"][begin - 1 : end], strict=True)
    ]
    low = min(range(1, len(spots)), key=spots.__getitem__)
    assert round(basis[low] - basis[0], 4) == scenario.basis_shock
    bars = read("binance_BTCUSDT_spot_perp_ohlc_8h.csv")
    days = [stamp[:10] for stamp in bars["open_time_utc"]]
    lows = [float(x) for x, d in zip(bars["spot_low"], days, strict=True) if first <= d <= last]
    assert round(min(lows) / spots[0] - 1, 3) == scenario.spot_shock
    funding = read("binance_BTCUSDT_funding_8h.csv")["funding_time_utc"]
    rates = numbers("binance_BTCUSDT_funding_8h.csv", "funding_rate")
    window = (f"{first}T00:01", f"{next_day(last)}T00:01")
    paid = [r for t, r in zip(funding, rates, strict=True) if window[0] < t < window[1]]
    assert len(paid) == scenario.intervals
    assert round(sum(paid) / len(paid), 6) == scenario.funding_rate


def printed(header):
    """The rows under a header of the documentation's page, by scenario; minus signs as ASCII."""
    text = PAGE.read_text(encoding="utf-8").replace("\u2212", "-").replace(",", "")
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(header)) + 2
    rows = {}
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[name] = cells
    return rows


def test_the_page_prints_the_library():
    rows = printed("| scenario | spot_shock | basis_shock")
    assert {name: [float(x) for x in cells] for name, cells in rows.items()} == {
        row.scenario: [row.spot_shock, row.basis_shock, row.funding_rate, row.intervals]
        for row in HISTORICAL
    }


@needs_data
@pytest.mark.parametrize("scenario", HISTORICAL, ids=[row.scenario for row in HISTORICAL])
def test_ether_fell_on_those_days_as_the_page_says(scenario):
    start, low, shock, beta, mean = printed("| scenario | start: spot | lowest")[scenario.scenario]
    first, last = EVENTS[scenario.scenario]
    bars = read("binance_ETHUSDT_spot_perp_ohlc_8h.csv")
    days = [stamp[:10] for stamp in bars["open_time_utc"]]
    lows = [float(x) for x, d in zip(bars["spot_low"], days, strict=True) if first <= d <= last]
    before = float(bars["spot_close"][days.index(first) - 1])
    fall = min(lows) / before - 1
    assert (float(start), float(low.split()[0])) == (before, min(lows))
    assert float(shock) == round(fall, 3)
    assert float(beta) == round(math.log1p(fall) / math.log1p(scenario.spot_shock), 2)
    paid_at = read("binance_ETHUSDT_funding_8h.csv")["funding_time_utc"]
    rates = numbers("binance_ETHUSDT_funding_8h.csv", "funding_rate")
    window = (f"{first}T00:01", f"{next_day(last)}T00:01")
    paid = [r for t, r in zip(paid_at, rates, strict=True) if window[0] < t < window[1]]
    assert float(mean) == round(sum(paid) / len(paid), 6)
