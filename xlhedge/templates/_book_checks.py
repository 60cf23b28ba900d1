"""What the tables of a book must be before anything calculated from them can be believed."""

from __future__ import annotations

from collections.abc import Iterable

from xlhedge.templates._book_tables import PLACE
from xlhedge.templates._checks import DOUBTFUL, Check
from xlhedge.templates._history_checks import SETTING
from xlhedge.templates._layout import Input

PRICE_SETTINGS = (
    SETTING["spread_limit"],
    Input("entry_limit", "Price and entry price may differ by a factor of", 4, "times", "quantity",
          "Beyond it, look whether columns or coins are mixed up.", low=1, high=1000),
    Input("fee_limit", "Largest liquidation fee that is accepted", 0.05, "of notional", "percent",
          "Above it, a rate is probably in per cent.", low=0, high=1),
)  # fmt: skip
"""The limits that `positions` needs on the sheet Checks."""
VOLATILITY_SETTINGS = (
    Input("volatility_limit", "Highest volatility that is accepted", 3, "per year", "percent",
          "Above it, it is probably in per cent.", low=0, high=10),
    Input("volatility_floor", "Lowest volatility that is accepted", 0.1, "per year", "percent",
          "Below it, it is probably of a day.", low=0, high=10),
)  # fmt: skip
"""The limits that `volatilities` needs on the sheet Checks."""
SCENARIO_SETTINGS = (
    Input("shock_limit", "Largest shock that is accepted", 2, "return", "percent",
          "Above it, a shock is probably in per cent.", low=0, high=100),
    Input("scenario_funding", "Largest funding of a scenario", 0.01, "per interval", "share",
          "Above it, a rate is probably in per cent.", low=0, high=0.1),
)  # fmt: skip
"""The limits that `scenarios` needs on the sheet Checks."""

_ASSET, _INSTRUMENT, _ACCOUNT, _CONTRACT, _QUANTITY, _SIZE, _PRICE, _ENTRY, _DAYS = (
    f"Positions[{name}]"
    for name in (
        "asset", "instrument", "account", "contract", "quantity", "contract_size", "price",
        "entry_price", "days",
    )
)  # fmt: skip
_FUTURE = f'({_INSTRUMENT}<>"spot")*({_INSTRUMENT}<>"")'


def _count(condition: str) -> str:
    return f"SUMPRODUCT(({condition}>0)*1)"


def _rows(condition: str, table: str, column: str) -> str:
    """The numbers of the rows that a condition holds for, as a text."""
    place = PLACE.format(f"{table}[{column}]", table, column)
    return f'TEXTJOIN(", ",TRUE,IF({condition}>0,{place},""))'


def _names(condition: str, names: str) -> str:
    """The names of the rows that a condition holds for, as a text."""
    return f'TEXTJOIN(", ",TRUE,IF({condition}>0,{names},""))'


def _rule(area: str, label: str, condition: str, said: str, word: str = "CHECK") -> Check:
    return Check(area, label, f"{_count(condition)}>0", said, word=word)


def complete_rows(area: str, table: str, texts: Iterable[str], numbers: Iterable[str]) -> Check:
    """Whether each row of a table that holds anything holds all of these columns."""
    texts, numbers = tuple(texts), tuple(numbers)
    columns = [f"{table}[{name}]" for name in texts], [f"{table}[{name}]" for name in numbers]
    given = [*(f'({one}<>"")' for one in columns[0]), *(f"ISNUMBER({one})" for one in columns[1])]
    lacking = [
        *(f'({one}="")' for one in columns[0]),
        *(f"1-ISNUMBER({one})" for one in columns[1]),
    ]
    condition = f"({'+'.join(given)}>0)*({'+'.join(lacking)})"
    return _rule(
        area, f"Complete rows of {table}", condition,
        f'"row "&{_rows(condition, table, texts[0])}&" of {table} lacks one of '
        f'{", ".join((*texts, *numbers))}: complete or delete it; enter 0 for none"',
    )  # fmt: skip


def positions() -> tuple[Check, ...]:
    """Completeness, spelling, custody, faces, expiry, age and prices of Positions."""
    incomplete = (
        f'({_ASSET}="")+({_INSTRUMENT}="")+(1-ISNUMBER({_QUANTITY}))+(1-ISNUMBER({_PRICE}))'
        f"+ISNUMBER({_PRICE})*({_PRICE}<=0)"
    )
    odd = f'{_FUTURE}*({_INSTRUMENT}<>"linear")*({_INSTRUMENT}<>"inverse")'
    homeless = f'{_FUTURE}*({_ACCOUNT}="")'
    kept = f'({_INSTRUMENT}="spot")*({_ACCOUNT}<>"")'
    faceless = f'({_INSTRUMENT}="inverse")*({_SIZE}="")'
    passed = 'IF(filled_of_Positions="",0,judged_at-filled_of_Positions)'
    expired = f"ISNUMBER({_DAYS})*(IF(ISNUMBER({_DAYS}),{_DAYS},1)<={passed})"
    range_of = f"MAXIFS({_PRICE},{_ASSET},{_ASSET})/MINIFS({_PRICE},{_ASSET},{_ASSET})"
    apart = f"IFERROR({range_of}-1>spread_limit,FALSE)*1"
    far = (
        f"IFERROR(({_PRICE}/{_ENTRY}>entry_limit)+({_ENTRY}/{_PRICE}>entry_limit),0)"
        f"*ISNUMBER({_ENTRY})"
    )
    twice = (
        f'({_ASSET}<>"")*(COUNTIFS({_ASSET},{_ASSET},{_INSTRUMENT},{_INSTRUMENT},'
        f"{_QUANTITY},{_QUANTITY},{_PRICE},{_PRICE})>1)"
    )

    def rows(condition: str) -> str:
        return _rows(condition, "Positions", "asset")

    area = "positions"
    return (
        _rule(area, "Complete positions", incomplete,
              f'"row "&{rows(incomplete)}&" of Positions lacks asset, instrument, quantity or a '
              'positive price: complete or delete it"'),
        _rule(area, "Instruments", odd,
              f'"row "&{rows(odd)}&" of Positions: the instrument is spot, linear or inverse"'),
        _rule(area, "Futures have an account", homeless,
              f'"row "&{rows(homeless)}&" of Positions is a future without an account: it could '
              'never be liquidated here; name its account"'),
        _rule(area, "Spot is in custody", kept,
              f'"row "&{rows(kept)}&" of Positions is spot with an account: enter coins that '
              'margin futures in Accounts, not here"'),
        _rule(area, "Face of inverse contracts", faceless,
              f'"row "&{rows(faceless)}&" of Positions is inverse without a contract_size: enter '
              'the face of a contract in dollars"'),
        _rule(area, "Expiry", expired,
              f'"row "&{rows(expired)}&" of Positions has expired: delete or roll it"'),
        Check(area, "Age of Positions",
              "(judged_at-filled_of_Positions)*hours_of_day>age_limit_hours",
              '"Positions were filled "&TEXT((judged_at-filled_of_Positions)*hours_of_day,"#,##0")'
              '&" h ago: fill in current ones, prices and days to expiry too"',
              'filled_of_Positions<>""',
              "it is not known when the rows were entered: filling writes it"),
        _rule(area, "Rows that are there twice", twice,
              f'"rows "&{rows(twice)}&" of Positions are alike: is one of them there twice?"',
              DOUBTFUL),
        Check(area, "Liquidation fees", 'COUNTIF(Positions[fee_rate],">"&fee_limit)>0',
              '"a fee_rate is above "&TEXT(fee_limit,"0%")&": 0.05 % is 0.0005"'),
        _rule("prices", "Prices of one coin", apart,
              f'"prices of one coin are far apart, in the rows "&{rows(apart)}&" of Positions: one '
              'is stale, of another coin, or in another unit"'),
        _rule("prices", "Price and entry price", far,
              f'"row "&{rows(far)}&" of Positions: price and entry price are far apart; are '
              'columns or coins mixed up?"', DOUBTFUL),
    )  # fmt: skip


def accounts() -> tuple[Check, ...]:
    """Completeness of Accounts, and whether they are those of Positions."""
    area = "accounts"
    incomplete = '(Accounts[account]="")+(1-ISNUMBER(Accounts[balance]))'
    unknown = f'({_ACCOUNT}<>"")*(COUNTIF(Accounts[account],{_ACCOUNT})=0)'
    no_coin = (
        f'({_INSTRUMENT}="inverse")*'
        f"(COUNTIFS(Accounts[account],{_ACCOUNT},Accounts[asset],{_ASSET})=0)"
    )
    known = f"SUMIF({_ASSET},Accounts[asset],{_PRICE})/COUNTIF({_ASSET},Accounts[asset])"
    apart = (
        f'(Accounts[asset]<>"")*ISNUMBER(Accounts[price])'
        f"*IFERROR(ABS(Accounts[price]/({known})-1)>spread_limit,FALSE)"
    )
    return (
        _rule(area, "Complete accounts", incomplete,
              f'"row "&{_rows(incomplete, "Accounts", "account")}&" of Accounts lacks its name or '
              'its balance: complete or delete it"'),
        _rule(area, "Accounts of the positions", unknown,
              f'{_names(unknown, _ACCOUNT)}&" is not in Accounts, which has "&'
              'TEXTJOIN(", ",TRUE,Accounts[account])&": add it, or correct the name"'),
        _rule(area, "Coins behind inverse contracts", no_coin,
              f'{_names(no_coin, _ACCOUNT)}&" has inverse contracts and no balance in "&'
              f'{_names(no_coin, _ASSET)}&": write the coin into the column asset, or a row of '
              'balance 0 where other collateral margins them"'),
        Check(area, "Haircuts and rates of debts",
              'COUNTIF(Accounts[haircut],">"&1)+COUNTIF(Accounts[debt_rate],">="&1)>0',
              '"a haircut or debt_rate is above 1: 5 % is 0.05"'),
        _rule("prices", "Prices of Accounts", apart,
              f'"row "&{_rows(apart, "Accounts", "account")}&" of Accounts has another price of '
              'its coin than Positions: it is stale, or of another coin"'),
    )  # fmt: skip


def brackets() -> tuple[Check, ...]:
    """Whether Brackets has the schedules that the futures need, in decimals."""
    area = "brackets"
    lacking = f"{_FUTURE}*(COUNTIF(Brackets[asset],{_ASSET})+COUNTBLANK(Brackets[asset])=0)"
    inverse = (
        f'({_INSTRUMENT}="inverse")*(COUNTIFS(Brackets[asset],{_ASSET},Brackets[instrument],'
        f'"inverse")+({_CONTRACT}<>"")*COUNTIF(Brackets[contract],{_CONTRACT})=0)'
    )
    product = "Brackets[rate]*Brackets[max_leverage]"
    high = f"ISNUMBER(Brackets[rate])*ISNUMBER(Brackets[max_leverage])*IFERROR({product}>1,FALSE)"
    return (
        _rule(area, "Brackets of every future", lacking,
              f'"Brackets has none for "&{_names(lacking, _ASSET)}&": add the venue\'s rows, or '
              'delete the position"'),
        _rule(area, "Brackets of inverse contracts", inverse,
              f'"the inverse contracts of "&{_names(inverse, _ASSET)}&" have no brackets of their '
              'own: floors in USDT would be taken for coins; add rows with instrument inverse, or '
              'with the name of the contract"'),
        Check(area, "Brackets in decimals", "MAX(Brackets[rate])>=1",
              '"a rate of 1 or more: rates are decimals (0.004 for 0.4 %)"'),
        _rule(area, "Rates of brackets", high,
              f'"row "&{_rows(high, "Brackets", "floor")}&" of Brackets: the rate is more than the '
              'margin at the highest leverage; 0.4 % is 0.004"'),
    )  # fmt: skip


def volatilities() -> tuple[Check, ...]:
    """Whether every coin has a volatility, as a decimal per year."""
    area = "volatilities"
    lacking = f'({_ASSET}<>"")*(COUNTIF(Volatilities[asset],{_ASSET})=0)'
    wrong = (
        '(Volatilities[asset]<>"")*((1-ISNUMBER(Volatilities[volatility]))'
        "+(Volatilities[volatility]>volatility_limit)+(Volatilities[volatility]<volatility_floor))"
    )
    return (
        _rule(area, "Volatility of every coin", lacking,
              f'"Volatilities has none for "&{_names(lacking, _ASSET)}&": add a row"'),
        _rule(area, "Size of volatilities", wrong,
              f'"the volatility of "&{_names(wrong, "Volatilities[asset]")}&" is missing, or not a '
              'decimal per year: 60 % is 0.6"'),
    )  # fmt: skip


def correlations() -> tuple[Check, ...]:
    """Whether each pair is of two coins of the book, complete, named once, and possible."""
    area = "volatilities"
    one, other, value = (
        f"Correlations[{name}]" for name in ("asset", "other_asset", "correlation")
    )
    given = f'({one}<>"")+({other}<>"")+ISNUMBER({value})'
    partial = f"({given}>0)*({given}<COLUMNS(Correlations[[asset]:[correlation]]))"
    unknown = "+".join(
        f'({coin}<>"")*(COUNTIF(Volatilities[asset],{coin})=0)' for coin in (one, other)
    )
    pairs = f"COUNTIFS({one},{one},{other},{other})+COUNTIFS({one},{other},{other},{one})"
    twice = f'({one}<>"")*({other}<>"")*(({one}={other})+({pairs}>1)>0)'
    outside = f"ISNUMBER({value})*(ABS(IF(ISNUMBER({value}),{value},0))>1)"

    def said(condition: str, cure: str) -> str:
        return f'"Correlations, "&{_names(condition, f"""{one}&" and "&{other}""")}&": {cure}"'

    return (
        _rule(area, "Complete pairs", partial,
              said(partial, "enter two coins and a number, or clear the row")),
        _rule(area, "Coins of pairs", unknown, said(unknown, "no such coin in Volatilities")),
        _rule(area, "Pairs once", twice,
              said(twice, "a pair is two coins and stands once, in either order")),
        _rule(area, "Size of correlations", outside, said(outside, "between -1 and 1")),
    )  # fmt: skip


def scenarios(coins: Iterable[str]) -> tuple[Check, ...]:
    """Whether each scenario stands once, with decimals; `coins` are the columns of own shocks."""
    area, name = "scenarios", "Scenarios[scenario]"
    rate = "Scenarios[funding_rate]"
    shocks = ("spot_shock", "basis_shock", "stablecoin_shock", "proxy_shock", *coins)
    high = "+".join(f"(Scenarios[{shock}]>shock_limit)+(Scenarios[{shock}]<-1)" for shock in shocks)
    beyond = f"({rate}>scenario_funding)+({rate}<-scenario_funding)"
    twice = f'({name}<>"")*(COUNTIF({name},{name})>1)'
    return (
        _rule(area, "Names of scenarios", twice,
              f'"two scenarios have one name, "&INDEX({name},MATCH(1,({twice})*1,0))&": rename '
              'one, or delete it"'),
        _rule(area, "Size of shocks", high,
              f'"a shock of "&{_names(high, name)}&" is above "&TEXT(shock_limit,"0%")&" or below '
              '-100 %: 15 % is 0.15"'),
        _rule(area, "Funding of scenarios", beyond,
              f'"the funding_rate of "&{_names(beyond, name)}&" is beyond "&'
              'TEXT(scenario_funding,"0.0%")&" an interval: 0.01 % is 0.0001"'),
    )  # fmt: skip


def calculable(area: str, label: str, cell: str, call: str) -> Check:
    """Whether a call of ours gives numbers; where it does not, its own sentence is told.

    Parameters
    ----------
    area, label
        As of every check.
    cell
        The first cell of what it gives.
    call
        The call as it is written there.
    """
    name, _, arguments = call.removesuffix(")").partition("(")
    return Check(area, label, f"ISERROR({cell})", f'XLHEDGE_WHY("{name}",{arguments})')
