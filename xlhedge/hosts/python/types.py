"""The words that the generated stubs are written in; only type checkers read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Array: TypeAlias = npt.NDArray[Any]
    Line: TypeAlias = Sequence[float] | Array | pd.Series[Any]
    Rectangle: TypeAlias = Sequence[Sequence[float]] | Array | pd.DataFrame
    Numbers: TypeAlias = float | Line | Rectangle
    Range: TypeAlias = pd.DataFrame | Mapping[str, Any] | Sequence[Sequence[Any]]
    Labels: TypeAlias = Mapping[str, Any] | pd.Series[Any] | tuple[Any, ...] | Range
    Values: TypeAlias = Array | pd.Series[Any] | pd.DataFrame
    Frame: TypeAlias = pd.DataFrame


class Record(Protocol):
    """A named tuple of labels and values: `result.theta`, `result._asdict()`."""

    def __getattr__(self, name: str) -> Any:
        """The value of a label."""

    def _asdict(self) -> dict[str, Any]:
        """Label to value."""
