"""The sheet Compared: what was entered against the history of prices, and the checks on it."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates._book_checks import complete_rows
from xlhedge.templates._checks import DOUBTFUL, Check
from xlhedge.templates._layout import Book, Input
from xlhedge.templates._theme import AMBER
from xlhedge.templates.portfolio import hedge

_TOP = 5
_ROWS = hedge.HOLDINGS + hedge.CONTRACTS
_COLUMNS = (
    ("name", "Name", "", "text"), ("entered", "Price entered", "USD", "price"),
    ("last", "Last row of Prices", "USD", "price"),
    ("difference", "Difference", "of the price", "share"),
    ("future", "Hedged with", "", "text"), ("times", "Times in Prices", "", "text"),
    ("correlation", "Correlation", "own future only", "ratio"),
    ("coin", "Price of its coin", "USD", "price"),
)  # fmt: skip
_PLACES = {name: 1 + place for place, (name, *_) in enumerate(_COLUMNS)}
SETTINGS = (
    Input("contract_limit", "Largest value of one contract", 1_000_000, "USD", "money",
          "Beyond it the size is in another unit.", low=0),
    Input("share_limit", "Largest share that is hedged", 2, "of the holding", "percent",
          "Beyond it per cent were typed for decimals.", low=0, high=100),
    Input("fee_limit", "Largest fee", 0.02, "of notional", "percent",
          "Beyond it per cent were typed for decimals.", low=0, high=1),
)  # fmt: skip


def _column(name: str, first: int = 0, rows: int = _ROWS) -> str:
    place = _PLACES[name]
    return f"Compared!{xl_range_abs(_TOP + first, place, _TOP + first + rows - 1, place)}"


def _off(first: int, rows: int, limit: str = "price_limit") -> str:
    """How many entered prices are further from the last row than the limit."""
    cells = _column("difference", first, rows)
    return f'(COUNTIF({cells},">"&{limit})+COUNTIF({cells},"<"&-{limit}))'


def _unknown(names: str, known: str, where: str = "1") -> str:
    return f'SUMPRODUCT(({names}<>"")*({where})*(COUNTIF({known},{names}&"")=0))'


_HELD, _TARGET = hedge.TICKETS.anywhere("held"), hedge.TICKETS.anywhere("target")
_OTHER_SIDE = f"SUM(IF(ISNUMBER({_HELD})*ISNUMBER({_TARGET}),({_HELD}*{_TARGET}<0)*1,0))"
_WORTH = 'IF(Contracts[Type]="inverse",Contracts[Size],Contracts[Size]*Contracts[Mark])'
_PLACE = "SEQUENCE(ROWS(Prices[time]))-1"
_LATE = (
    f"SUMPRODUCT((FILTER(Prices[time],{_PLACE}>0)<"
    f"FILTER(Prices[time],{_PLACE}<ROWS(Prices[time])-1))*1)"
)
_AGE = "(judged_at-MAX(Prices[time]))*hours_of_day"


def checks() -> tuple[Check, ...]:
    """What the three tables must be before a ticket can be believed."""
    priced, marked = _off(0, hedge.HOLDINGS), _off(hedge.HOLDINGS, hedge.CONTRACTS)
    times, fit = _column("times"), _column("correlation")
    unknown = _unknown("Holdings[Contract]", "Contracts[Contract]")
    foreign = _unknown("Contracts[Underlying]", "Holdings[Asset]")
    unpriced = _unknown("Holdings[Asset]", "Prices[asset]", 'Holdings[Beta]=""')
    coin, entered = (_column(name, hedge.HOLDINGS, hedge.CONTRACTS) for name in ("coin", "entered"))
    far = (
        f"SUM(IF(ISNUMBER({coin})*ISNUMBER({entered}),"
        f"(ABS({entered}-{coin})>spread_limit*{coin})*1,0))"
    )
    large = f"SUMPRODUCT(({_WORTH}>contract_limit)*1)"
    rows = "COUNT(Prices[time])>0"
    return (
        Check("prices", "Age of Prices", f"{_AGE}>age_limit_hours",
              f'"the last row is "&TEXT({_AGE},"#,##0")&" h old: add newer rows"', rows,
              "Prices has no rows"),
        Check("prices", "Future rows of Prices", f"{_AGE}<0",
              '"the last row is later than the valuation time: clear or change it, or set how far '
              'the clock is ahead of UTC"', rows, "Prices has no rows"),
        Check("prices", "Order of Prices", f"{_LATE}>0",
              f'{_LATE}&" rows are earlier than the row before: sort Prices by time"', rows,
              "Prices has no rows"),
        Check("prices", "Duplicates of Prices",
              "ROWS(UNIQUE(Prices[[time]:[asset]]))<ROWS(Prices[time])",
              'ROWS(Prices[time])-ROWS(UNIQUE(Prices[[time]:[asset]]))&" rows repeat a time and '
              'name: remove them"', rows, "Prices has no rows"),
        Check("prices", "Numbers of Prices",
              'COUNTIF(Prices[price],">"&0)<ROWS(Prices[price])',
              'ROWS(Prices[price])-COUNTIF(Prices[price],">"&0)&" rows have no positive price: '
              'complete or remove them"', rows, "Prices has no rows"),
        Check("prices", "Times of coins and futures", f'COUNTIF({times},"out of step")>0',
              f'COUNTIF({times},"out of step")&" holdings and their futures have prices at '
              'different times, see Compared: give both at the same times"', rows,
              "Prices has no rows"),
        Check("prices", "Correlation of coins and their own futures",
              f'COUNTIF({fit},"<"&correlation_limit)>0',
              f'COUNTIF({fit},"<"&correlation_limit)&" coins do not move with their own future, '
              'see Compared: their prices are of different coins, or of different times"',
              f"COUNT({fit})>0", "no coin has prices of its own future"),
        complete_rows("holdings", "Holdings", ("Asset", "Contract"),
                      ("Quantity", "Price", "Share")),
        Check("holdings", "Prices of Holdings", f"{priced}>0",
              f'{priced}&" prices differ from the last row of Prices, see Compared: enter the '
              'current price, or add newer rows"', f"COUNT({_column('last')})>0",
              "Prices has no names of Holdings"),
        Check("holdings", "Contracts of Holdings", f"{unknown}>0",
              f'{unknown}&" holdings name a contract that Contracts lacks: correct the name"',
              "COUNTA(Holdings[Contract])>0", "no contract is chosen"),
        Check("holdings", "Betas of Holdings", f"{unpriced}>0",
              f'{unpriced}&" holdings have neither prices in Prices nor a beta: enter one"',
              "COUNTA(Holdings[Asset])>0", "there are no holdings"),
        Check("holdings", "Shares of Holdings", 'COUNTIF(Holdings[Share],">"&share_limit)>0',
              'COUNTIF(Holdings[Share],">"&share_limit)&" shares are above "&'
              'TEXT(share_limit,"0%")&": 0.8 is 80 %"', "COUNT(Holdings[Share])>0",
              "no share is entered"),
        Check("holdings", "Rows of Holdings that are hedged",
              f"ROWS(Holdings[Asset])>{hedge.SIZING.rows_cell}",
              '"Holdings has more rows than the sheet Hedge: those below are not hedged"'),
        complete_rows("contracts", "Contracts", ("Contract", "Underlying", "Type"),
                      ("Size", "Lot", "Tick", "Fee", "Mark", "Held")),
        Check("contracts", "Marks of Contracts", f"{marked}>0",
              f'{marked}&" marks differ from the last row of Prices, see Compared: enter the '
              'current mark, or add newer rows"', f"COUNT({_column('last')})>0",
              "Prices has no names of Contracts"),
        Check("contracts", "Marks against their coins", f"{far}>0",
              f'{far}&" marks are far from the price of their coin: check Mark and Underlying"',
              f"COUNT({coin})>0", "no contract's coin is held"),
        Check("contracts", "Coins of Contracts", f"{foreign}>0",
              f'"contracts on a coin that Holdings lacks: "&{foreign}&"; is it spelled alike?"',
              "COUNTA(Holdings[Asset])>0", "there are no holdings", DOUBTFUL),
        Check("contracts", "Sizes of Contracts", f"{large}>0",
              f'{large}&" contracts are worth more than "&TEXT(contract_limit,"#,##0")&" USD '
              'each: Size is coins for linear, dollars for inverse contracts"',
              "COUNT(Contracts[Size])>0", "no size is entered"),
        Check("contracts", "Fees of Contracts", 'COUNTIF(Contracts[Fee],">"&fee_limit)>0',
              '"a fee is above "&TEXT(fee_limit,"0%")&": 0.0005 is 0.05 %"',
              "COUNT(Contracts[Fee])>0", "no fee is entered"),
        Check("contracts", "Side of what is held", f"{_OTHER_SIDE}>0",
              f'{_OTHER_SIDE}&" positions are on the other side than their target: enter shorts '
              'with a minus sign"', f"COUNT({_HELD})>0", "no position is entered"),
        Check("contracts", "Rows of Contracts that are traded",
              f"ROWS(Contracts[Contract])>{hedge.TICKETS.rows_cell}",
              '"Contracts has more rows than the sheet Hedge: those below are not traded"'),
    )  # fmt: skip


def write(book: Book) -> None:
    """Write the sheet: a row for each holding and contract."""
    sheet = book.sheet("Compared", AMBER, (2, 14, 14, 17, 14, 14, 16, 15, 16))
    sheet.heading("Compared", "Prices that were entered against the last row of Prices; holdings "
                  "against the future that hedges them")  # fmt: skip
    texts = [place for place, (*_, number) in enumerate(_COLUMNS) if number == "text"]
    sheet.headers(_TOP - 1, 1, [column[1] for column in _COLUMNS], texts)
    numbers = {name: number for name, *_, number in _COLUMNS}
    for name, _, unit, _ in _COLUMNS:
        sheet.write(_TOP - 2, _PLACES[name], unit, "unit")
    for place in range(_ROWS):
        for name, formula in _row(place).items():
            role = "entry" if numbers[name] == "text" else "calculated"
            sheet.write(_TOP + place, _PLACES[name], formula, role, numbers[name])
    sheet.cells.freeze_panes(_TOP, 2)
    sheet.page(_TOP + _ROWS - 1, len(_COLUMNS), repeat=_TOP - 1, portrait=True)


def _row(place: int) -> dict[str, str]:
    cell = {
        name: xl_rowcol_to_cell(_TOP + place, column, col_abs=True)
        for name, column in _PLACES.items()
    }
    own = place < hedge.HOLDINGS
    block, line = (hedge.SIZING, place) if own else (hedge.TICKETS, place - hedge.HOLDINGS)
    source = {name: f"Hedge!{at}" for name, at in block.cells(block.top + line).items()}
    count = f"COUNTIF(Prices[asset],{cell['name']})"
    other = f"COUNTIF(Prices[asset],{cell['future']})"
    found = {
        "name": f'={source["asset" if own else "contract"]}&""',
        "entered": f"={source['price' if own else 'mark']}",
        "last": f'=IF({cell["name"]}="","",IF({count}=0,"no prices",'
        f"INDEX(FILTER(Prices[price],Prices[asset]={cell['name']}),{count})))",
        "difference": f'=IF(COUNT({cell["entered"]},{cell["last"]})<2,"",'
        f"{cell['entered']}/{cell['last']}-1)",
    }
    if not own:
        underlying = f"INDEX(Contracts[Underlying],{source['row']})"
        return found | {
            "coin": f'=IF({cell["name"]}="","",IFERROR(INDEX(Holdings[Price],'
            f'MATCH({underlying},Holdings[Asset],0)),""))'
        }
    series = [f"FILTER(Prices[{{}}],Prices[asset]={cell[name]})" for name in ("name", "future")]
    times, prices = ([one.format(what) for one in series] for what in ("time", "price"))
    underlying = f"INDEX(Contracts[Underlying],{source['place']})"
    returns = (
        f"LN(FILTER({name},place>0)/FILTER({name},place<ROWS({name})-1))"
        for name in ("coin", "future")
    )
    return found | {
        "future": f'={source["contract"]}&""',
        "times": f'=IF(OR({cell["name"]}="",{other}=0,{count}=0),"",IF({count}<>{other},'
        f'"out of step",IF(SUMPRODUCT(({times[0]}<>{times[1]})*1)>0,"out of step","the same")))',
        "correlation": f'=IF(OR({cell["times"]}<>"the same",least_rows=""),"",'
        f'IF(OR({count}<least_rows,{underlying}<>{cell["name"]}),"",'
        f"LET(coin,{prices[0]},future,{prices[1]},place,SEQUENCE(ROWS(coin))-1,"
        f"CORREL({next(returns)},{next(returns)}))))",
    }
