"""Formulas of the kinds that engines calculate otherwise, at random, against LibreOffice.

Only what Excel documents and LibreOffice does as well is asked; its errors are of fewer kinds, so
that an error of one is any error of the other.
"""

import pytest
from calc_helpers import calc
from case_books import case_book
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from xlhedge import CellError
from xlhedge.formula.addresses import address
from xlhedge.recalc import Package
from xlhedge.recalc.agreement import agree
from xlhedge.recalc.embedded import EmbeddedEngine

FIRST, LAST = 2, 21
FORMULAS = 400
EXAMPLES = 4
NAMES = {
    "rate": "=0.05",
    "dynamic": "=OFFSET(Data!$B$2,0,0,COUNT(Data!$A$2:$A$12),1)",
    "upto": "=Data!$B$2:INDEX(Data!$B$2:$B$21,7)",
    "outer": "=dynamic",
    "twice": "=Data!$B$2:$B$9*2",
}
rows = st.integers(FIRST, LAST)
whole = st.integers(-25, 25)
positive = st.integers(1, 12)
quarters = st.integers(-40, 40).map(lambda number: number / 4)
days = st.integers(44_900, 45_200)
coins = st.sampled_from(["BTC", "ETH", "SOL", "XRP"])


@st.composite
def data(draw):
    """A table of numbers, coins and days; some quotients are errors."""
    cells = {f"{column}1": head for column, head in zip("ABCDEFG", HEADS, strict=True)}
    ascending = sorted(draw(st.lists(st.integers(0, 60), min_size=20, max_size=20)))
    weights = draw(st.permutations(range(1, 21)))
    for row, number, weight in zip(range(FIRST, LAST + 1), ascending, weights, strict=True):
        cells[f"A{row}"] = number
        cells[f"B{row}"] = draw(whole)
        cells[f"C{row}"] = draw(coins)
        cells[f"D{row}"] = draw(days)
        cells[f"E{row}"] = draw(quarters)
        cells[f"F{row}"] = weight
        cells[f"G{row}"] = f"=E{row}/(B{row}-3)"
    cells["I1"], cells["I2"] = HEADS[1], f">{draw(whole)}"
    return cells


HEADS = ("sorted", "number", "coin", "day", "amount", "weight", "quotient")


def range_of(column):
    """Part of a column, from the first to the last row or the other way round."""
    return st.tuples(rows, rows).map(lambda ends: f"{column}{ends[0]}:{column}{ends[1]}")


def written(form, /, **parts):
    """Formulas of one form; each name in it is drawn."""
    return st.fixed_dictionaries(parts).map(lambda found: "=" + form.format(**found))


def one_of(*texts):
    return st.sampled_from(texts)


exact, near = one_of("0", "FALSE"), one_of("1", "TRUE", "")
B, E, C = "$B$2:$B$21", "$E$2:$E$21", "$C$2:$C$21"
KINDS = {
    "match": written("MATCH({x},$B$2:$B$21,{how})", x=whole, how=exact),
    "match of sorted": written("MATCH({x},$A$2:$A$21,{how})", x=whole, how=near),
    "vlookup": written(
        "VLOOKUP({x},$A$2:$F$21,{at},{how})", x=whole, at=st.integers(1, 6), how=exact
    ),
    "vlookup of sorted": written(
        "VLOOKUP({x},$A$2:$F$21,{at},{how})", x=whole, at=st.integers(1, 6), how=one_of("1", "TRUE")
    ),
    "index": written('INDEX($D$2:$D$21,MATCH("{coin}",$C$2:$C$21,{how}))', coin=coins, how=exact),
    "xlookup": written(
        "_xlfn.XLOOKUP({x},$B$2:$B$21,$D$2:$D$21,-1,{side})", x=whole, side=one_of("0", "-1", "1")
    ),
    "last of several": written('LOOKUP(2,1/($C$2:$C$21="{coin}"),$B$2:$B$21)', coin=coins),
    "subtotal": written(
        "SUBTOTAL({more}{kind},{area})",
        more=one_of("", "10"),
        kind=st.integers(1, 9),
        area=range_of("E"),
    ),
    "aggregate": written(
        "_xlfn.AGGREGATE({kind},{option},$G$2:$G$21)",
        kind=one_of(1, 2, 4, 5, 9, 12),
        option=one_of(6, 7),
    ),
    "ceiling": written(
        "{name}({x},{step})",
        name=one_of("CEILING", "FLOOR"),
        x=quarters,
        step=one_of("0.5", "3", "1.25"),
    ),
    "negative step": written(
        "{name}(-{x},-{step})",
        name=one_of("CEILING", "FLOOR"),
        x=positive,
        step=one_of("0.5", "3", "1.25"),
    ),
    "ceiling of three": written(
        "_xlfn.{name}.MATH({x},{step},{mode})",
        name=one_of("CEILING", "FLOOR"),
        x=quarters,
        step=one_of("0.5", "3", "1.25", "0.1"),
        mode=one_of("0", "1"),
    ),
    "divisors": written(
        "{name}({area},{x})", name=one_of("GCD", "LCM"), area=range_of("F"), x=positive
    ),
    "working days": written(
        "NETWORKDAYS({start},{end}{holidays})",
        start=days,
        end=days,
        holidays=one_of("", ",45000", ",$D$2:$D$9", ",DATE(2023,3,20)"),
    ),
    "working days of a week": written(
        "NETWORKDAYS.INTL({start},{end},{week},$D$2:$D$9)",
        start=days,
        end=days,
        week=one_of(1, 2, 7, 11, 17, '"0000011"', '"1010101"'),
    ),
    "day of work": written(
        "WORKDAY({start},{count}{holidays})",
        start=days,
        count=whole,
        holidays=one_of("", ",45000", ",$D$2:$D$9"),
    ),
    "payments": written(
        "{name}({rate}/12,{period},36,{present},{future},{due})",
        name=one_of("IPMT", "PPMT"),
        rate=one_of("0.1", "0.035", "0.24"),
        period=st.integers(1, 36),
        present=one_of(8000, -500),
        future=one_of(0, 1000),
        due=one_of(0, 1),
    ),
    "payments together": written(
        "{name}(0.08/12,48,9000,{first},{last},{due})",
        name=one_of("CUMIPMT", "CUMPRINC"),
        first=st.integers(1, 20),
        last=st.integers(20, 48),
        due=one_of(0, 1),
    ),
    "names": written(
        "{name}({area})*(1+rate)",
        name=one_of("SUM", "AVERAGE", "MAX", "ROWS", "COUNT"),
        area=one_of("dynamic", "upto", "outer"),
    ),
    "name of an array": written(
        "SUMPRODUCT(twice*({area}>{x}))", area=one_of("$B$2:$B$9"), x=whole
    ),
    "union": written(
        "{name}(({one},{two},$B$3))",
        name=one_of("SUM", "MAX", "COUNT", "AVERAGE"),
        one=range_of("B"),
        two=range_of("E"),
    ),
    "intersection": written("SUM({area} $A$5:$F$15)", area=one_of("B1:B9", "A3:E6", "D2:E15")),
    "reversed": written("SUM(E{last}:A{first})", first=rows, last=rows),
    "criteria of an array": written(
        'SUMPRODUCT(SUMIF($C$2:$C$21,{{"{one}","{two}"}},{area}))',
        one=coins,
        two=coins,
        area=one_of(B, E),
    ),
    "distinct": written("SUMPRODUCT(1/COUNTIF({area},{area}))", area=one_of(C, B)),
    "large of an array": written(
        "SUMPRODUCT({name}({area},{{1,2,{place}}}))",
        name=one_of("LARGE", "SMALL"),
        area=one_of(B, E),
        place=positive,
    ),
    "match of an array": written(
        "SUMPRODUCT(ISNUMBER(MATCH({area},$B$2:$B$9,0))*$E$2:$E$21)", area=one_of(B, "$A$2:$A$21")
    ),
    "product of conditions": written(
        'SUMPRODUCT(($C$2:$C$21="{coin}")*($B$2:$B$21>{x})*$E$2:$E$21)', coin=coins, x=whole
    ),
    "count": written(
        'COUNTIF({area},"{sign}"&{x})',
        area=range_of("B"),
        sign=one_of("<", "<>", ">=", "="),
        x=whole,
    ),
    "sums": written(
        'SUMIFS({area},$C$2:$C$21,"{coin}",$B$2:$B$21,"{sign}{x}")',
        area=one_of(B, E, "$G$2:$G$21"),
        coin=coins,
        sign=one_of("<", "<>", ">="),
        x=whole,
    ),
    "sum beside an error": written('SUMIF($C$2:$C$21,"{coin}",$G$2)', coin=coins),
    "mean beside an error": written('AVERAGEIF($B$2:$B$21,"<{x}",$G$2:$G$21)', x=whole),
    "of errors": written(
        "{name}({area})",
        area=range_of("G"),
        name=one_of("SUM", "MAX", "AVERAGE", "COUNT", "STDEV", "MEDIAN", "SUMSQ", "SUMPRODUCT"),
    ),
    "branch of ranges": written(
        "SUM(IF($B$3>{x},{one},{two}))", x=whole, one=range_of("B"), two=range_of("E")
    ),
    "choice of ranges": written(
        "SUM(CHOOSE({n},{one},{two}))", n=one_of(1, 2), one=range_of("B"), two=range_of("E")
    ),
    "column of an index": written("SUM(INDEX($A$2:$F$21,0,{at}))", at=one_of(1, 2, 5, 6)),
    "up to an index": written("SUM($E$2:INDEX($E$2:$E$21,{n}))", n=st.integers(1, 20)),
    "offset": written(
        "SUM(OFFSET($A$1,{down},{right},{height},2))",
        down=positive,
        right=one_of(0, 4),
        height=st.integers(1, 8),
    ),
    "distribution": written(
        "_xlfn.{name}{degrees})",
        name=one_of("T.DIST.2T(0.7,", "CHISQ.DIST.RT(3,", "F.DIST.RT(1.4,4.9,"),
        degrees=st.integers(4, 40).map(lambda number: number / 4),
    ),
    "line": written(
        "INDEX(LINEST({area},$F$2:$F$21{constant}),1,{at})",
        area=one_of(E, B),
        at=one_of(1, 2),
        constant=one_of("", ",", ",TRUE", ",,TRUE"),
    ),
    "trend": written(
        "TREND($E$2:$E$21,$F$2:$F$21,{x}{constant})", x=whole, constant=one_of("", ",TRUE")
    ),
    "text": written(
        'TEXT({x},"{form}")',
        x=quarters,
        form=one_of("0.00", "#,##0.00", "0.0%", "0.00E+00", "000", "0", "+0;-0;0", "0.0#"),
    ),
    "text of a day": written(
        'TEXT({x},"{form}")', x=days, form=one_of("yyyy-mm-dd", "d.m.yy", "ddd d mmm")
    ),
    "database": written(
        '{name}($A$1:$F$21,"amount",$I$1:$I$2)',
        name=one_of("DSUM", "DCOUNT", "DMAX", "DMIN", "DPRODUCT"),
    ),
    "roman": written("ROMAN({x})", x=st.integers(1, 3999)),
    "depreciation": written(
        "VDB(2400,300,{life},{first},{first}+2)", life=st.integers(8, 12), first=st.integers(0, 5)
    ),
    "matrix": written(
        "{call}",
        call=one_of(
            "MDETERM($D$2:$F$4)",
            "SUMPRODUCT(MMULT($D$2:$F$4,$A$5:$B$7))",
            "INDEX(MMULT($A$2:$B$3,$E$2:$F$3),2,1)",
        ),
    ),
    "own column": written(
        "{call}",
        call=one_of("$B:$B*2", "ROUND($E$2:$E$1000,0)", "-$A$2:$A$1000", "IF($B:$B>0,$E:$E,0)"),
    ),
    "rows": written("ROWS({area})*10+COLUMNS($A$1:$C$9)", area=range_of("A")),
    "return": written("IRR({{-{x},{y},20,30}})", x=st.integers(30, 60), y=positive),
}


@st.composite
def books(draw):
    """A table with formulas of every kind beside it, some of its rows hidden."""
    kinds = list(KINDS.values())
    formulas = [draw(kinds[place % len(kinds)]) for place in range(FORMULAS)]
    cells = draw(data()) | {f"K{row}": text for row, text in enumerate(formulas, FIRST)}
    hidden = sorted(draw(st.sets(rows, max_size=6)))
    return {"sheets": {"Data": cells}, "names": NAMES, "hidden_rows": {"Data": hidden}}


@pytest.mark.calc
@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(books())
def test_formulas_of_every_kind_have_the_same_values_in_both_engines(book):
    package = case_book(book)
    first, second = (engine.evaluate(Package(package)) for engine in (EmbeddedEngine(), calc()))
    assert not first.kept
    assert not second.kept
    values, others = (one.sheets["Data"].values for one in (first, second))
    assert len(list(values.items())) == FORMULAS + LAST - FIRST + 1
    assert different(book["sheets"]["Data"], values, others) == []


def different(cells, values, others):
    """Formulas whose values differ, with both; an error of one is any error of the other."""
    found = []
    for place, value in values.items():
        other = others.get(place)
        errors = isinstance(value, CellError) and isinstance(other, CellError)
        if not errors and not agree(value, other):
            found.append((cells[address(*place)], value, other))
    return found
