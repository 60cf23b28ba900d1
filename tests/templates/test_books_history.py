"""Reading a market history from CSV files and from memory."""

from datetime import datetime, timedelta

import numpy as np
import openpyxl
import pandas as pd
import pytest
from book_helpers import named_values
from expected_desk import assert_desk_is_right
from shared_data import DATA, needs_data, numbers, read

from xlhedge.errors import FileError, InputError
from xlhedge.recalc import recalculate
from xlhedge.templates import build, from_columns, read_history
from xlhedge.templates._sample import history as sample

START = datetime(2024, 1, 1)
BINANCE = {
    "open_time_utc": "time",
    "spot_close": "spot",
    "perp_close": "futures",
    "funding_time_utc": "time",
}


def lines(count=30, header="time,spot,futures,funding_rate"):
    rows = [
        f"{START + timedelta(hours=8 * i):%Y-%m-%dT%H:%M:%SZ},{40000 + i}.5,{40001 + i},0.0001"
        for i in range(count)
    ]
    return [header, *rows]


def write(tmp_path, rows, name="FILE"):
    path = tmp_path / name
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def changed(tmp_path, line, old, new):
    """A good file with one change; lines count from 1 as in an editor."""
    rows = lines()
    assert old in rows[line - 1]
    rows[line - 1] = rows[line - 1].replace(old, new)
    return write(tmp_path, rows)


def test_a_file_in_order_is_read_as_it_stands(tmp_path):
    history = read_history(write(tmp_path, lines(), "mine.csv"))
    assert len(history) == 30
    assert history.time[1] == datetime(2024, 1, 1, 8)
    assert history.spot[-1] == 40029.5
    assert history.interval_hours == 8
    assert history.source == "mine.csv"
    assert history.notes == ()


@pytest.mark.parametrize(
    ("line", "old", "new", "sentence"),
    [
        (17, "40015.5", "abc", "FILE row 17, column spot: 'abc' is not a number"),
        (17, "40015.5", "", "FILE row 17, column spot: '' is not a number"),
        (17, "40015.5", "nan", "'nan' is not a number"),
        (17, "40015.5", "1_000", "'1_000' is not a number"),
        (17, "40015.5", "=1+1", "'=1\\+1' is not a number"),
        (17, "40015.5", "1e999", "'1e999' is not a finite number"),
        (17, "40015.5", "-5", "row 17, column spot: a price must be positive, got -5"),
        (3, "2024-01-01T08:00:00Z", "01/02/2024", "row 3, column time: '01/02/2024' is not a time"),
        (3, "2024-01-01T08:00:00Z", "=NOW()", "'=NOW\\(\\)' is not a time"),
        (3, "T08:", "T00:", "row 3: the time 2024-01-01 00:00:00 is there twice"),
        (3, "2024-01-01", "2023-12-01", "row 3: the time 2023-12-01 08:00:00 comes after 2024"),
        (5, ",0.0001", "", "row 5 has 3 fields, the header has 4"),
        (5, ",0.0001", ",0.0001,7", "row 5 has 5 fields, the header has 4"),
        (1, "futures", "perp", "no column futures: it has time, spot, perp, .*--map COLUMN=fut"),
        (1, "funding_rate", "f", "--map COLUMN=funding_rate or give the funding's own file"),
    ],
)
def test_whatever_is_wrong_is_named_with_its_row_and_column(tmp_path, line, old, new, sentence):
    with pytest.raises(FileError, match=sentence):
        read_history(changed(tmp_path, line, old, new))


def test_a_blank_row_is_refused_with_its_number(tmp_path):
    with pytest.raises(FileError, match="FILE row 4 is blank"):
        read_history(write(tmp_path, [*lines()[:3], "", *lines()[3:]]))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"time,spot,futures,funding_rate\n", "has no rows"),
        (b"PK\x03\x04\xff\xfe\x00", "is not a CSV file in UTF-8"),
        (b"time,time,spot,futures,funding_rate\n", "has two columns for time"),
    ],
)
def test_a_file_that_is_no_history_is_refused(tmp_path, content, sentence):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match=sentence):
        read_history(path)


def test_a_missing_file_is_one_clear_line(tmp_path):
    with pytest.raises(FileError, match=r"none.csv does not exist"):
        read_history(tmp_path / "none.csv")


def test_columns_are_found_by_name_in_any_order_and_others_are_passed_over(tmp_path):
    path = write(
        tmp_path,
        [
            "volume;Perp close;T;coin",
            "1;100;2024-01-01;99",
            "=cmd|' /C calc'!A0;100.5;1704096000;99.5",
            "3;101;1704124800000;100",
        ],
    )
    with pytest.raises(FileError, match="no column time, spot, futures"):
        read_history(path)
    mapping = {"T": "time", "coin": "spot", "Perp close": "futures", "volume": "funding_rate"}
    with pytest.raises(FileError, match=r"row 3, column funding_rate: .=cmd"):
        read_history(path, mapping=mapping)
    funding = write(tmp_path, ["time,funding_rate", "2024-01-01,0", "2024-01-01T08:00,0.01",
                               "2024-01-01T16:00,0.02"], "funding.csv")  # fmt: skip
    del mapping["volume"]
    history = read_history(path, funding, mapping=mapping)
    assert history.time == (START, START + timedelta(hours=8), START + timedelta(hours=16))
    assert history.futures.tolist() == [100, 100.5, 101]


def test_a_mapping_that_no_file_knows_is_refused(tmp_path):
    path = write(tmp_path, lines())
    with pytest.raises(FileError, match="--map names the column 'x', which no file has"):
        read_history(path, mapping={"x": "spot"})
    with pytest.raises(FileError, match="--map gives 'price': the table's columns are time, spot"):
        read_history(path, mapping={"spot": "price"})


def test_funding_that_is_stamped_late_joins_its_minute(tmp_path):
    prices = write(tmp_path, lines())
    funding = ["time,funding_rate"]
    funding += [
        f"{START + timedelta(hours=8 * i):%Y-%m-%dT%H:%M:%S}.004Z,{i / 1e6}" for i in range(-2, 28)
    ]
    history = read_history(prices, write(tmp_path, funding, "funding.csv"))
    assert len(history) == 28
    assert history.funding_rate[3] == 3e-6
    assert history.notes == (
        "2 price rows at the ends without a funding rate left out",
        "2 funding rows at the ends without prices left out",
    )


def test_a_gap_inside_is_refused_and_never_filled(tmp_path):
    rows = [f"{START + timedelta(hours=8 * i):%Y-%m-%dT%H:%M},0" for i in range(30) if i != 9]
    funding = write(tmp_path, ["time,funding_rate", *rows], "funding.csv")
    with pytest.raises(FileError, match=r"FILE row 11: .*funding.csv has no funding rate at 2024"):
        read_history(write(tmp_path, lines()), funding)
    rows = lines()
    del rows[12]
    full = [f"{START + timedelta(hours=8 * i):%Y-%m-%dT%H:%M},0" for i in range(30)]
    funding = write(tmp_path, ["time,funding_rate", *full], "funding.csv")
    with pytest.raises(FileError, match=r"funding.csv row 13: .*FILE has no prices at 2024"):
        read_history(write(tmp_path, rows), funding)


def test_files_without_a_common_time_are_refused(tmp_path):
    funding = write(tmp_path, ["time,funding_rate", "2020-01-01,0"], "funding.csv")
    with pytest.raises(FileError, match="have no time in common"):
        read_history(write(tmp_path, lines()), funding)


def test_since_leaves_out_earlier_rows_and_says_so(tmp_path):
    history = read_history(write(tmp_path, lines()), since=datetime(2024, 1, 3))
    assert history.time[0] == datetime(2024, 1, 3)
    assert history.notes == ("6 rows before 2024-01-03 left out",)
    with pytest.raises(FileError, match="no row of FILE is left"):
        read_history(write(tmp_path, lines()), since=datetime(2030, 1, 1))


def test_data_in_memory_obey_the_same_rules():
    frame = pd.DataFrame({
        "time": pd.date_range(START, periods=3, freq="8h", tz="UTC"),
        "spot": [1.0, 2.0, 3.0],
        "futures": np.array([1, 2, 3]),
    })  # fmt: skip
    funding = {"time": list(frame["time"]), "funding_rate": [0.0, 0.1, 0.2]}
    history = from_columns(frame, funding)
    assert history.time[2] == datetime(2024, 1, 1, 16)
    assert history.funding_rate.tolist() == [0.0, 0.1, 0.2]
    with pytest.raises(InputError, match="no column funding_rate"):
        from_columns(frame)
    with pytest.raises(InputError, match="same number of rows"):
        from_columns({"time": [START], "spot": [], "futures": [], "funding_rate": []})
    with pytest.raises(FileError, match="row 2, column spot: nan is not a finite number"):
        from_columns(frame.assign(spot=[1.0, np.nan, 2.0]), funding)


def test_the_sample_is_reproducible_and_ends_at_the_sources_price():
    history = sample()
    assert len(history) == 1095
    assert history.spot[-1] == 70_000
    assert history.spot.sum() == pytest.approx(sample().spot.sum(), abs=0)
    assert history.interval_hours == 8
    assert history.simulated
    log_returns = np.diff(np.log(history.spot))
    assert np.std(log_returns) * np.sqrt(1095) == pytest.approx(0.5, abs=0.1)
    correlation = np.corrcoef(np.log(history.spot / history.futures), history.funding_rate)
    assert correlation[0, 1] < -0.3


def test_a_users_rows_replace_the_sample_and_set_the_prices(tmp_path):
    history = read_history(write(tmp_path, lines(), "=mine.csv"))
    path = build("hedge_desk", tmp_path / "desk.xlsx", history)
    book = openpyxl.load_workbook(path)
    assert book["History"].tables["History"].ref == "B5:F35"
    spot, future = (book["Book"].cell(row, 9).value for row in (8, 9))
    assert (spot, future) == (40029.5, 40030)
    values = named_values(path)
    sheet, place = next(book.defined_names["source_of_History"].destinations)
    assert book[sheet][place.replace("$", "")].data_type == "s"
    assert values["kind_of_History"] == "yours"
    assert values["ValuationTime"] is None
    recalculate(path, tmp_path / "calculated.xlsx")
    shown = named_values(tmp_path / "calculated.xlsx")
    assert "History: =mine.csv, 30 rows" in shown["sources_line"]
    assert shown["example_notice"].startswith("EXAMPLE ROWS are left in Positions")
    assert shown["dash_status"].startswith("CHECK: ")


@pytest.mark.slow
def test_a_history_with_another_interval_sets_the_interval(tmp_path):
    hourly = {
        "time": [START + timedelta(hours=i) for i in range(40)],
        "spot": [100.0 + i % 3 for i in range(40)],
        "futures": [100.0 + i % 4 for i in range(40)],
        "funding_rate": [1e-5] * 40,
    }
    path = build("hedge_desk", tmp_path / "desk.xlsx", hourly)
    recalculate(path, tmp_path / "calculated.xlsx")
    values = named_values(tmp_path / "calculated.xlsx")
    assert values["interval_hours"] == 1
    assert values["periods_per_year"] == 8760


@needs_data
@pytest.mark.slow
def test_the_desk_of_two_years_of_binance_agrees_with_the_core_in_every_figure(tmp_path):
    history = read_history(
        DATA / "binance_BTCUSDT_spot_perp_ohlc_8h.csv",
        DATA / "binance_BTCUSDT_funding_8h.csv",
        mapping=BINANCE,
        since=datetime(2024, 2, 25),
    )
    prices = read("binance_BTCUSDT_spot_perp_ohlc_8h.csv")
    assert len(history) == 2193
    assert f"{history.time[-1]:%Y-%m-%dT%H:%M:%SZ}" == prices["open_time_utc"][-2]
    funding = numbers("binance_BTCUSDT_funding_8h.csv", "funding_rate")
    assert history.funding_rate.tolist() == funding[-2193:]
    path = build("hedge_desk", tmp_path / "desk.xlsx", history)
    report = recalculate(path, tmp_path / "calculated.xlsx")
    assert report.errors == []
    assert_desk_is_right(tmp_path / "calculated.xlsx")
