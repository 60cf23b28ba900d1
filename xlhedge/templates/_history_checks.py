"""What a market history must be before anything estimated from it can be believed."""

from __future__ import annotations

from dataclasses import dataclass

from xlhedge.templates._checks import DOUBTFUL, Check
from xlhedge.templates._layout import Input

SETTINGS = (
    Input("gap_limit", "Share of irregular rows that is accepted", 0.01, "of the rows", "percent",
          "More gaps than that fail the check.", low=0, high=1),
    Input("price_limit", "Price inputs may differ from the last row by", 0.02, "of the price",
          "percent", "Beyond it, the input or the history is stale.", low=0, high=1),
    Input("rate_limit", "Typical funding that is accepted", 2, "per year", "percent",
          "Rates in per cent, or of another interval, come out far above.", low=0, high=100),
    Input("correlation_limit", "Least correlation of a coin and its own future", 0.9, "", "ratio",
          "Of their returns, row by row.", low=-1, high=1),
    Input("spread_limit", "Largest gap of a coin and its own future", 0.2, "of the price",
          "percent", "Beyond it they are not the same coin, or a column is another one's.",
          low=0, high=10),
    Input("funding_delay_rows", "Rows from fixing a rate to paying it", 0, "rows",
          "integer", "0 where a rate is paid at the end of the interval that it is made of; 1 "
          "where it is paid an interval later.", low=0, high=10),
    Input("stamps_apart", "Rows by which early stamps are off", 2,
          "rows", "integer", "Constant.", role="constant"),
    Input("least_for_lags", "Rows that a comparison of spot and future needs", 30, "rows",
          "integer", "Constant.", role="constant"),
    Input("least_for_stamps", "Rows that a comparison of basis and funding needs", 400, "rows",
          "integer", "Constant.", role="constant"),
    Input("clipped_share", "Outliers that it cuts at each end", 0.05, "of the rows",
          "percent", "Constant.", role="constant"),
)  # fmt: skip
"""The limits that these checks need on the sheet Checks."""
SETTING = {item.name: item for item in SETTINGS}
"""Each of them by its name."""


@dataclass(frozen=True)
class Series:
    """The columns of one history, as expressions; blank for what it has not.

    Parameters
    ----------
    name
        How texts call it, such as History or Candles.
    time, gap
        Its times, and the hours since the row before.
    interval
        The input that says how many hours lie between rows.
    hint
        What to change where the interval does not fit, such as "interval_hours on History".
    """

    name: str
    time: str
    gap: str
    interval: str
    hint: str
    area: str = "history"


def times(series: Series) -> tuple[Check, ...]:
    """Times, interval, order, duplicates, gaps and age of a history."""
    area, gap, interval = series.area, series.gap, series.interval
    enough = f'AND(COUNT({gap})>0,{interval}<>"")'
    missing = f"{series.name} has fewer than two rows, or the interval is not entered"
    observed = f"MEDIAN({gap})"
    irregular = (
        f'(COUNTIF({gap},">"&{interval}+gap_tolerance)+COUNTIF({gap},"<"&{interval}-gap_tolerance))'
    )
    last = f"MAX({series.time})"
    dated = f"COUNT({series.time})>0"
    untimed = f"ROWS({series.time})-COUNT({series.time})"
    return (
        Check(area, f"Times of {series.name}", f"{untimed}>0",
              f'"rows without a time: "&{untimed}&"; complete or delete them"', dated,
              f"{series.name} has no times"),
        Check(area, f"Interval of {series.name}", f"ABS(measured_1-{interval})>gap_tolerance",
              '"the rows are "&TEXT(measured_1,"0.0")&" h apart, the input says "&'
              f'TEXT({interval},"0.0")&": change {series.hint}"', enough, missing,
              measured=(observed,)),
        Check(area, f"Order of {series.name}", f'COUNTIF({gap},"<="&0)>0',
              f'COUNTIF({gap},"<="&0)&" rows are not later than the row before: sort the rows, '
              'oldest first, and remove duplicates"', f"COUNT({gap})>0", missing),
        Check(area, f"Missing rows of {series.name}",
              f"AND(measured_1>gap_limit*COUNT({gap}),ABS(measured_2-{interval})<=gap_tolerance)",
              'measured_1&" gaps are not the interval: fill in the missing rows"',
              enough, missing, measured=(irregular, observed)),
        Check(area, f"Single gaps of {series.name}",
              f"AND(above_1>0,above_1<=gap_limit*COUNT({gap}))",
              'above_1&" gaps are not the interval: the column of gaps marks them"',
              enough, missing, DOUBTFUL),
        Check(area, f"Age of {series.name}",
              f"(judged_at-{last})*hours_of_day>age_limit_hours",
              f'"the last row is "&TEXT((judged_at-{last})*hours_of_day,"#,##0")&" h old ("&'
              f'TEXT({last},"yyyy-mm-dd hh:mm")&"): add newer rows"', dated,
              f"{series.name} has no times"),
        Check(area, f"Future rows of {series.name}",
              f"({last}-judged_at)*hours_of_day>gap_tolerance",
              f'"the last row, "&TEXT({last},"yyyy-mm-dd hh:mm")&", is later than the valuation '
              'time "&TEXT(judged_at,"yyyy-mm-dd hh:mm")&": clear or change the valuation time, or '
              'set how far the clock is ahead of UTC"', dated, f"{series.name} has no times"),
    )  # fmt: skip


def complete(area: str, label: str, column: str, rows: str) -> Check:
    """Whether a column holds a number in every row; `rows` counts them."""
    return Check(
        area, f"Numbers of {label}", f"COUNT({column})<{rows}",
        f'{rows}&" rows, but "&COUNT({column})&" numbers in {label}: complete the column"',
    )  # fmt: skip


def price(label: str, entered: str, last: str, *, area: str = "prices") -> Check:
    """Whether a price that was entered is that of the last row."""
    return Check(
        area, label, f"ABS({entered}/{last}-1)>price_limit",
        f'"{label} is "&TEXT({entered},"#,##0.00")&", the last row says "&'
        f'TEXT({last},"#,##0.00")&": enter the current price, or add newer rows"',
        f"AND(ISNUMBER({entered}),ISNUMBER({last}))", "the price or the last row is missing",
    )  # fmt: skip


def funding(label: str, rates: str, per_year: str, *, area: str = "funding") -> Check:
    """Whether funding rates are decimals of their interval."""
    typical = f"MEDIAN(IF({rates}<0,-{rates},{rates}))*{per_year}"
    return Check(
        area, f"Size of {label}", "measured_1>rate_limit",
        '"a typical rate is "&TEXT(measured_1,"0%")&" a year: rates are decimals per interval '
        '(0.0001, not 0.01 for 0.01 %); check the unit and the interval"',
        f"COUNT({rates})>0", "there are no rates", measured=(typical,),
    )  # fmt: skip


def pair(
    asset: str, spot: str, futures: str, *, area: str = "history", rows: str = ""
) -> tuple[Check, ...]:
    """Whether a coin and its own future move together, at the same time, at about one price."""
    rows = rows or f"COUNT({spot})"
    same, later, earlier = (
        _correlation(first, second, lag)
        for first, second, lag in ((spot, futures, "0"), (spot, futures, "1"), (futures, spot, "1"))
    )
    judged = f"AND({rows}>least_for_lags,COUNT({futures})={rows},ROWS({spot})={rows})"
    unjudged = f"the prices of {asset} are not complete, or too few"
    return (
        Check(area, f"{asset}: spot and future in step",
              "MAX(measured_2,measured_3)>measured_1",
              f'"{asset} fits its future best one row "&IF(measured_3>measured_2,"earlier",'
              '"later")&" (correlation "&'
              'TEXT(MAX(measured_2,measured_3),"0.00")&", in the same row "&'
              'TEXT(measured_1,"0.00")&"): one of them is stamped by another clock, or with the '
              'other end of the bar"', judged, unjudged, measured=(same, later, earlier)),
        Check(area, f"{asset}: correlation of spot and future", "above_1<correlation_limit",
              f'"the returns of {asset} and its future have correlation "&TEXT(above_1,"0.00")&": '
              'the columns are of different coins, or out of step"', judged, unjudged),
        Check(area, f"{asset}: prices of spot and future", "measured_1>spread_limit",
              '"spot and future differ by "&TEXT(measured_1,"0%")&": '
              f'check the columns and units of {asset}"', judged, unjudged,
              measured=(f"ABS(MEDIAN({spot})/MEDIAN({futures})-1)",)),
    )  # fmt: skip


def stamps(spot: str, futures: str, rates: str, *, asset: str = "", area: str = "history") -> Check:
    """Whether closing prices and funding are stamped by the same clock.

    A rate is made of the premium of the interval that ends when it is paid, so the close of a row
    lies between the funding of the same row and that of the next one. Where closes are stamped
    with the time at which their bar opened, it lies between the next and the one after. The
    correlation with the row itself and with the second row after it tells the two apart; outliers
    are cut, since a single crash would decide it.
    """
    rows = f"ROWS({rates})"

    def fits(ahead: str) -> str:
        # A range from INDEX to INDEX can be an argument, not a term: hence FILTER.
        return (
            f"LET(later,funding_delay_rows{ahead},place,SEQUENCE({rows})-1,"
            f"head,FILTER({futures}/{spot},place<{rows}-later),tail,FILTER({rates},place>=later),"
            f"{_ends('head')},{_ends('tail')},CORREL({_clipped('head')},{_clipped('tail')}))"
        )

    label = "Closes and funding stamped alike"
    return Check(
        area, f"{asset}: {label[0].lower()}{label[1:]}" if asset else label,
        "measured_2>measured_1",
        '"funding fits the basis of two rows before better (correlation "&TEXT(measured_2,"0.00")&'
        '", in the same row "&TEXT(measured_1,"0.00")&"): closes are stamped with the opening of '
        'their bar: add its hours to their times; or your venue pays a rate an interval after it '
        'is fixed: say so under Limits"',
        f"AND({rows}>=least_for_stamps,COUNT({rates})={rows},COUNT({spot})={rows},"
        f'COUNT({futures})={rows},COUNTIF({rates},0)<COUNTIF({rates},"<>"&0),'
        f"PERCENTILE({rates},clipped_share)<PERCENTILE({rates},1-clipped_share))",
        "too few rows, or most rows have no funding, or all the same",
        measured=(fits(""), fits("+stamps_apart")),
    )  # fmt: skip


def _ends(cells: str) -> str:
    """The variables between which `_clipped` keeps a column."""
    return (
        f"low_{cells},PERCENTILE({cells},clipped_share),"
        f"high_{cells},PERCENTILE({cells},1-clipped_share)"
    )


def _clipped(cells: str) -> str:
    """A column without its outliers."""
    low, high = f"low_{cells}", f"high_{cells}"
    return f"IF({cells}<{low},{low},IF({cells}>{high},{high},{cells}))"


def _between(column: str, rows: str) -> str:
    """The rows of a column from one to another, which stand with a comma between them."""
    first, _, last = rows.partition(",")
    return f"INDEX({column},{first}):INDEX({column},{last})"


def _correlation(first: str, second: str, lag: str) -> str:
    """The correlation of one series' returns with the other's of `lag` rows before."""
    one = _between(first, f"1+{lag},ROWS({first})")
    other = _between(second, f"1,ROWS({second})-{lag}")
    return f"INDEX(HEDGE_STATS({one},{other}),4,2)"
