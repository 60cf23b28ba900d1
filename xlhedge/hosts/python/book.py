"""A book in Python: positions, accounts, brackets and history as data frames, and its risk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from xlhedge import margin, report, risk, sizing, stress
from xlhedge.errors import InputError

DAYS = (1, 7, 30)
"""Horizons of probabilities, in days, where none are given."""


class Book:
    """Everything that a desk holds, and what the worksheet functions say of it.

    Parameters
    ----------
    positions
        Data frame (or mapping of columns) of spot holdings and futures: asset, instrument,
        quantity, price and the optional columns of a worksheet's range of positions.
    accounts
        Margin accounts: account, balance and optional columns.
    tiers
        Maintenance brackets of any number of assets, accounts and contracts.
    history
        Prices and funding of the assets, oldest first; a time index becomes the column time.

    Examples
    --------
    >>> book = Book(
    ...     {"asset": ["BTC", "BTC"], "instrument": ["spot", "linear"], "quantity": [1, -1],
    ...      "price": [70000, 70000], "account": ["", "A"], "maintenance_rate": [None, 0.005]},
    ...     accounts={"account": ["A"], "balance": [7000]},
    ... )
    >>> book.liquidation().above.round(2).tolist()
    [76616.92]
    >>> round(book.report(0.6).margin_ratio, 4)
    0.05
    """

    def __init__(
        self, positions: Any, accounts: Any = None, tiers: Any = None, history: Any = None
    ) -> None:
        self.positions = positions
        self.accounts = accounts
        self.tiers = tiers
        self.history = history

    @classmethod
    def from_workbook(cls, path: Path | str) -> Book:
        """The book of a workbook's tables Positions, Accounts, Tiers or Brackets, and History.

        Parameters
        ----------
        path
            An .xlsx or .xlsm file. Only Positions must be there.

        Raises
        ------
        FileError
            When the file cannot be read or has no table Positions.
        """
        from xlhedge.filling.reading import table_frame
        from xlhedge.workbook.package import Package

        package = Package.open(Path(path))
        wanted = ("accounts", ("tiers", "brackets"), "history")
        found = []
        for names in wanted:
            choice = (names,) if isinstance(names, str) else names
            name = next((one for one in choice if one in package.tables), None)
            found.append(None if name is None else table_frame(package, name))
        return cls(table_frame(package, "Positions"), *found)

    def delta(self) -> Any:
        """Spot, futures and net coins of each asset: PORTFOLIO_DELTA."""
        return sizing.portfolio_delta(self.positions, self.accounts)

    def var(self, horizon_periods: int = 1, confidence: float = 0.99, **options: Any) -> Any:
        """Value at risk and expected shortfall of the whole book over its history: BOOK_VAR."""
        return risk.book_var(
            self.positions, self._history(), horizon_periods, confidence,
            accounts=self.accounts, **options,
        )  # fmt: skip

    def pnl(self, horizon_periods: int = 1, **options: Any) -> Any:
        """What each window of the history would have made of the book today: BOOK_PNL."""
        return risk.book_pnl(
            self.positions, self._history(), horizon_periods, accounts=self.accounts, **options
        )

    def contributions(
        self, horizon_periods: int = 1, confidence: float = 0.99, **options: Any
    ) -> Any:
        """What each position adds to the expected shortfall: BOOK_CONTRIBUTION."""
        return risk.book_contribution(
            self.positions, self._history(), horizon_periods, confidence,
            accounts=self.accounts, **options,
        )  # fmt: skip

    def status(self) -> Any:
        """Equity, maintenance, ratio and top-up of each account: ACCOUNT_STATUS."""
        return margin.account_status(self.positions, self._accounts(), self.tiers)

    def liquidation(self, others: Literal["held", "beta"] = "held") -> Any:
        """Liquidation prices of each account, below and above: ACCOUNT_LIQUIDATION."""
        return margin.account_liquidation(self.positions, self._accounts(), self.tiers, others)

    def probability(
        self, volatilities: Any, correlations: Any = None, days: Any = DAYS, **options: Any
    ) -> Any:
        """Probability that each account is liquidated within given days: ACCOUNT_PROBABILITY."""
        return margin.account_probability(
            self.positions, self._accounts(), volatilities, correlations, days,
            tiers=self.tiers, **options,
        )  # fmt: skip

    def buffer(
        self, volatilities: Any, correlations: Any = None, days: float = 7, **options: Any
    ) -> Any:
        """Balance with which each account survives a number of days: ACCOUNT_BUFFER."""
        return margin.account_buffer(
            self.positions, self._accounts(), volatilities, correlations, days,
            tiers=self.tiers, **options,
        )  # fmt: skip

    def stress(self, scenarios: Any = None) -> Any:
        """The book in each scenario, those of the library by default: STRESS_PNL."""
        scenarios = stress.library() if scenarios is None else scenarios
        return stress.scenario_pnl(self.positions, scenarios, self.accounts, self.tiers)

    def reverse_stress(self, target: float | Literal["liquidation"] = "liquidation") -> Any:
        """The smallest moves that lose an amount or liquidate an account: STRESS_REVERSE."""
        return stress.reverse_stress(self.positions, target, self.accounts, self.tiers)

    def replay(self) -> Any:
        """The moves of the history applied to the book today: STRESS_REPLAY."""
        return stress.replay(
            self.positions, self._history(), accounts=self.accounts, tiers=self.tiers
        )

    def report(self, volatility: Any, **options: Any) -> Any:
        """The whole of it on one page: HEDGE_REPORT."""
        return report.hedge_report(
            self.positions, self._accounts(), volatility,
            history=self.history, tiers=self.tiers, **options,
        )  # fmt: skip

    def _accounts(self) -> Any:
        if self.accounts is None:
            raise InputError("the book has no accounts: Book(positions, accounts)")
        return self.accounts

    def _history(self) -> Any:
        if self.history is None:
            raise InputError("the book has no history: Book(positions, history=prices)")
        return self.history
