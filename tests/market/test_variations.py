"""Whatever the layout, the container and the order: the same closes, or a refusal, never others."""

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner
from venue_files import CONTAINERS, HOUR, LAYOUTS, TIMES, Truth, moment, plain, text_of

from xlhedge.cli import app
from xlhedge.errors import FileError
from xlhedge.market.assembly import Request, history_of
from xlhedge.market.reading import Reading

STARTS = [1_577_836_800_000, 1_640_995_200_000 + 7 * HOUR * 8, 1_735_689_600_000 - 80 * HOUR]


def history(*paths, **options):
    request = {key: options.pop(key) for key in list(options) if key in Request.__annotations__}
    return history_of(Request([str(path) for path in paths], reading=Reading(**options), **request))


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def check(found, truth):
    assert found.time.tolist() == truth.closing.tolist()
    assert found.spot.tolist() == truth.close.tolist()
    assert found.interval == truth.hours * HOUR


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_gives_its_closes_at_their_times(name, tmp_path):
    truth = Truth(STARTS[1], 40, 8)
    check(history(write(tmp_path, "x", plain(*LAYOUTS[name](truth)))), truth)


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("name", ["binance with header", "bybit", "kraken", "%Y-%m-%d %H:%M:%S"])
def test_a_container_gives_the_same_closes(name, container, tmp_path):
    truth = Truth(STARTS[0], 30, 4)
    names, rows = LAYOUTS[name](truth)
    if container == "parquet" and names is None:
        names = ["open_time", "open", "high", "low", "close", "volume", "count"]
    check(history(write(tmp_path, "x", CONTAINERS[container](names, rows))), truth)


@examples(10, 50)
@given(
    st.sampled_from([name for name in LAYOUTS if name != "ccxt_frame"]),
    st.sampled_from(["plain", "zipped", "gzipped", "utf16", "with_mark"]),
    st.sampled_from(STARTS),
    st.sampled_from([1, 2, 4, 6, 8, 12, 24]),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_archives_in_any_order_overlapping_and_shuffled_are_one_history(
    tmp_path_factory, name, container, start, hours, pieces, random
):
    folder = tmp_path_factory.mktemp("archives")
    truth = Truth(start, 60, hours, seed=random.randrange(10**6))
    names, rows = LAYOUTS[name](truth)
    cuts = sorted(random.randrange(3, 57) for _ in range(pieces))
    paths = []
    for number, (low, high) in enumerate(zip([0, *cuts], [*cuts, 60], strict=True)):
        part = rows[max(low - 3, 0) : max(high, low + 3)]
        random.shuffle(part)
        paths.append(write(folder, str(number), CONTAINERS[container](names, part)))
    random.shuffle(paths)
    check(history(*paths), truth)


@examples(7, 50)
@given(st.data(), st.sampled_from(["binance", "okx", "gate", "%Y-%m-%d %H:%M:%S"]))
def test_a_row_that_is_taken_out_or_changed_is_refused(tmp_path_factory, data, name):
    folder = tmp_path_factory.mktemp("broken")
    names, rows = LAYOUTS[name](Truth(STARTS[1], 40, 8))
    place = data.draw(st.integers(1, 38))
    path = write(folder, "gap.csv", plain(names, rows[:place] + rows[place + 1 :]))
    with pytest.raises(FileError, match="1 bar is missing"):
        history(path)
    assert len(history(path, allow_gaps=True)) == 39
    other = [cell * 1.5 if isinstance(cell, float) else cell for cell in rows[place]]
    if name == "binance":
        other = [f"{float(cell) * 1.5:.8f}" if isinstance(cell, str) else cell for cell in other]
    path = write(folder, "twice.csv", plain(names, [*rows, other]))
    with pytest.raises(FileError, match="comes twice"):
        history(path)


@pytest.mark.parametrize(
    ("form", "flag"),
    [("%d/%m/%Y %H:%M", True), ("%m/%d/%Y %H:%M", False), ("%d.%m.%Y %H:%M", True)],
)
@pytest.mark.parametrize("start", ["2025-03-01", "2025-03-10"])
def test_days_and_months_that_could_be_exchanged_are_refused_until_it_is_said(
    form, flag, start, tmp_path
):
    truth = Truth(int(np.datetime64(start, "ms").astype(np.int64)), 12, 8)
    names, rows = TIMES["%Y-%m-%d %H:%M:%S"](truth)
    rows = [[moment(t).strftime(form), *row[1:]]
            for t, row in zip(truth.opening.tolist(), rows, strict=True)]  # fmt: skip
    path = write(tmp_path, "x.csv", plain(names, rows))
    check(history(path, day_first=flag), truth)
    if start == "2025-03-01":
        with pytest.raises(FileError, match="--day-first or --month-first"):
            history(path)
    else:  # the 13th is in the file: there is one reading
        check(history(path), truth)
        with pytest.raises(FileError, match="is wrong for this file"):
            history(path, day_first=not flag)


@pytest.mark.parametrize("price", [100_000.0, 1.5, 0.00012345])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas_are_refused_until_they_are_said(price, delimiter, tmp_path):
    truth = Truth(STARTS[0], 20, 8)
    truth.close = (truth.close * price / 1e5).round(8)
    truth.high, truth.low, truth.open = truth.close + 1, truth.close - price / 2, truth.close
    text = text_of(*LAYOUTS["bybit"](truth), delimiter, comma=True)
    path = write(tmp_path, "x.csv", text.encode())
    with pytest.raises(FileError, match="--decimal comma"):
        history(path)
    check(history(path, decimal="comma"), truth)


def test_a_thousand_that_may_be_a_decimal_is_refused(tmp_path):
    rows = "time;close\n" + "".join(f"2025-01-{d:02}T00:00Z;{d + 90},105\n" for d in range(1, 9))
    path = write(tmp_path, "x.csv", rows.encode())
    with pytest.raises(FileError, match="thousands or a decimal comma"):
        history(path)
    assert history(path, decimal="comma").spot[0] == 91.105
    assert history(path, decimal="point").spot[0] == 91105


@pytest.mark.parametrize("month", ["2025-03-28", "2025-10-24"])
def test_a_clock_that_changes_to_summer_time_is_understood(month, tmp_path):
    from zoneinfo import ZoneInfo

    truth = Truth(int(np.datetime64(month, "ms").astype(np.int64)), 120, 1)
    names, rows = TIMES["%Y-%m-%d %H:%M:%S"](truth)
    berlin = [moment(t).astimezone(ZoneInfo("Europe/Berlin")) for t in truth.opening.tolist()]
    zoned = [[t.isoformat(), *row[1:]] for t, row in zip(berlin, rows, strict=True)]
    check(history(write(tmp_path, "zoned.csv", plain(names, zoned))), truth)
    local = [[t.strftime("%Y-%m-%d %H:%M"), *row[1:]] for t, row in zip(berlin, rows, strict=True)]
    path = write(tmp_path, "local.csv", plain(names, local))
    check(history(path, zone="Europe/Berlin"), truth)
    with pytest.raises(FileError, match=r"missing|twice"):
        history(path)
    newest_first = write(tmp_path, "newest.csv", plain(names, local[::-1]))
    check(history(newest_first, zone="Europe/Berlin"), truth)


def test_a_bar_that_is_still_running_is_dropped_and_said(tmp_path):
    truth = Truth(STARTS[0], 20, 8)
    now = int(truth.closing[-1]) - HOUR
    found = history(write(tmp_path, "x.csv", plain(*LAYOUTS["binance"](truth))), now=now)
    assert len(found) == 19
    assert "still running" in " ".join(found.notes)


@pytest.mark.parametrize("sign", ["%", " %", ""])
def test_funding_in_per_cent_is_divided_where_it_says_so_and_refused_where_not(sign, tmp_path):
    truth = Truth(STARTS[0], 40, 8)
    spot = write(tmp_path, "spot.csv", plain(*LAYOUTS["binance"](truth)))
    rates = np.random.default_rng(5).normal(1e-4, 2e-5, 41)
    times = [int(truth.opening[0]), *truth.closing.tolist()]
    rows = [[t, f"{rate * 100:.8f}{sign}"] for t, rate in zip(times, rates, strict=True)]
    funding = write(tmp_path, "funding.csv", plain(["fundingTime", "fundingRate"], rows))
    options = {} if sign else {"percent": True}
    found = history(spot, funding=[str(funding)], **options)
    assert found.funding_rate == pytest.approx(rates[1:], abs=1e-9)
    if not sign:
        with pytest.raises(FileError, match="per cent"):
            history(spot, funding=[str(funding)])
        header = write(tmp_path, "h.csv", plain(["fundingTime", "Funding Rate (%)"], rows))
        found = history(spot, funding=[str(header)])
        assert found.funding_rate == pytest.approx(rates[1:], abs=1e-9)


@pytest.mark.parametrize("fields", [["1,2", "x"], ["abc"], ["", "5"]])
def test_a_row_of_other_width_or_of_no_numbers_is_refused(fields, tmp_path):
    names, rows = LAYOUTS["bybit"](Truth(STARTS[0], 20, 8))
    rows[7] = [rows[7][0], *fields]
    with pytest.raises(FileError):
        history(write(tmp_path, "x.csv", plain(names, rows)))
    surplus = [*rows[:7], [*rows[8], "9", "9"], *rows[8:]]
    with pytest.raises(FileError):
        history(write(tmp_path, "y.csv", plain(names, surplus)))


def test_an_unknown_layout_shows_its_header_and_a_map_line_that_works(tmp_path):
    truth = Truth(STARTS[0], 20, 8)
    rows = [[t, c] for t, _, _, _, c, _ in truth.rows()]
    path = write(tmp_path, "x.csv", plain(["wann", "was"], rows))
    with pytest.raises(FileError, match=r"header is wann, was.*--map wann=time --map was=close"):
        history(path)
    check(history(path, mapping={"wann": "open_time", "was": "close"}), truth)
    bare = write(tmp_path, "y.csv", plain(None, rows))
    check(history(bare, mapping={"1": "open_time", "2": "close"}), truth)


def test_several_instruments_in_one_file_are_refused_until_one_is_named(tmp_path):
    truth, other = Truth(STARTS[0], 20, 8), Truth(STARTS[0], 20, 8, seed=2, price=3000.0)
    names, rows = LAYOUTS["okx"](truth)
    ether = [["ETH-USDT", *row[1:]] for row in LAYOUTS["okx"](other)[1]]
    path = write(tmp_path, "x.csv", plain(names, rows + ether))
    with pytest.raises(FileError, match=r"BTC-USDT, ETH-USDT.*--asset"):
        history(path)
    check(history(path, asset="ETH"), other)
    btc = write(tmp_path, "b.csv", plain(names, rows))
    eth = write(tmp_path, "e.csv", plain(names, ether))
    with pytest.raises(FileError, match="coin"):
        history(btc, eth)


def test_archives_of_one_row_each_tell_the_length_of_a_bar_together(tmp_path):
    truth = Truth(STARTS[0], 6, 24)
    for name in ("kraken", "closes_alone", "binance"):
        names, rows = LAYOUTS[name](truth)
        paths = [write(tmp_path, f"{name}{n}", plain(names, [row])) for n, row in enumerate(rows)]
        check(history(*paths), truth)
    with pytest.raises(FileError, match="one row"):
        history(tmp_path / "kraken0")


def test_milliseconds_and_microseconds_in_one_file_are_told_apart(tmp_path):
    truth = Truth(STARTS[2], 40, 8)
    before, after = LAYOUTS["binance"](truth)[1], LAYOUTS["binance microseconds"](truth)[1]
    check(history(write(tmp_path, "x.csv", plain(None, before[:11] + after[11:]))), truth)


def test_two_prices_that_are_no_closes_are_refused(tmp_path):
    rows = [[moment(t).isoformat(), c, c + 1] for t, _, _, _, c, _ in Truth(STARTS[0], 9, 8).rows()]
    path = write(tmp_path, "x.csv", plain(["time", "PX_LAST", "BTC Price"], rows))
    with pytest.raises(FileError, match=r"several prices \(PX_LAST, BTC Price\)"):
        history(path)
    assert history(path, mapping={"BTC Price": "close"}).spot[0] == rows[0][2]
    twice = write(tmp_path, "y.csv", plain(["time", "close", "Close"], rows))
    with pytest.raises(FileError, match="two columns"):
        history(twice)


def test_trades_become_the_last_price_of_each_bar_and_a_bar_at_work_is_dropped(tmp_path):
    names = ["timestamp", "symbol", "side", "size", "price"]
    times = STARTS[0] / 1000 + np.arange(0, 3 * 3600, 50)
    prices = 100 + np.arange(len(times))
    rows = [[f"{t:.3f}", "BTCUSD", "Buy", 1, p] for t, p in zip(times, prices, strict=True)]
    path = write(tmp_path, "x.csv", plain(names, rows[:-30][::-1]))
    found = history(path, interval=HOUR)
    assert found.time.tolist() == [STARTS[0] + HOUR, STARTS[0] + 2 * HOUR]
    assert found.spot.tolist() == [100 + 71, 100 + 143]
    assert "not finished" in " ".join(found.notes)
    with pytest.raises(FileError, match="--interval"):
        history(path)


def test_the_files_of_an_option_reach_it_however_the_shell_divides_them(tmp_path):
    truth = Truth(STARTS[0], 30, 8)
    names, rows = LAYOUTS["bybit"](truth)
    for number in range(3):
        write(tmp_path, f"m{number}.csv", plain(names, rows[number * 10 : number * 10 + 10]))
    files = [str(tmp_path / f"m{number}.csv") for number in (2, 0, 1)]
    for words in (
        ["--spot", *files], ["--spot", str(tmp_path / "m*.csv")],
        ["--spot", files[0], "--spot", files[1], "--spot", files[2]],
    ):  # fmt: skip
        out = tmp_path / "o.csv"
        done = CliRunner().invoke(app, ["history", *words, "-o", str(out), "--overwrite"])
        assert done.exit_code == 0, done.exception
        assert len(out.read_text().splitlines()) == 31
    done = CliRunner().invoke(app, ["history", "--spot", *files, "-o", str(out)])
    assert "--overwrite" in str(done.exception)


def test_two_coins_stand_side_by_side(tmp_path):
    for name, seed, price in (("b", 1, 100_000.0), ("e", 2, 3_000.0)):
        truth = Truth(STARTS[0], 20, 8, seed=seed, price=price)
        write(tmp_path, f"{name}.csv", plain(*LAYOUTS["bybit"](truth)))
    out = tmp_path / "o.csv"
    pair = ["--spot", str(tmp_path / "b.csv"), "--spot", str(tmp_path / "e.csv")]
    coins = ["--asset", "BTC", "--asset", "ETH"]
    done = CliRunner().invoke(app, ["history", *coins, *pair, "-o", str(out)])
    assert done.exit_code == 0, done.exception
    header, first, *_ = out.read_text().splitlines()
    assert header == "time,BTC spot,ETH spot,interval_hours"
    assert [float(cell) > 50_000 for cell in first.split(",")[1:3]] == [True, False]
