"""Names of assets, accounts and contracts: compared without case, shown as first written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from xlhedge.core.types import Texts

STABLECOINS = frozenset(["usdt", "usdc", "fdusd", "dai", "tusd", "usde", "pyusd", "usd"])
"""Names, without case, that are stablecoins unless the column kind says otherwise."""


def key(name: str) -> str:
    """What a name is compared by."""
    return name.strip().casefold()


def first_written(names: Texts) -> Texts:
    """Every name as its first row writes it."""
    shown: dict[str, str] = {}
    return np.array([shown.setdefault(key(name), name.strip()) for name in names.tolist()], np.str_)


class Names:
    """Distinct names in the order in which they come.

    Parameters
    ----------
    names
        Names with repetitions; blank ones do not count.
    """

    def __init__(self, *names: Iterable[str]) -> None:
        self._index: dict[str, int] = {}
        self.shown: list[str] = []
        for part in names:
            for name in part:
                if name and key(name) not in self._index:
                    self._index[key(name)] = len(self.shown)
                    self.shown.append(name.strip())

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.shown)

    def __iter__(self) -> Iterator[str]:
        """The names as first written."""
        return iter(self.shown)

    def __contains__(self, name: str) -> bool:
        """Whether the name is known, in any case."""
        return key(name) in self._index

    def index(self, name: str) -> int:
        """The name's place, −1 for one that is not known."""
        return self._index.get(key(name), -1)

    def indices(self, names: Texts) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """The place of each name, −1 for one that is not known."""
        return np.array([self.index(name) for name in names.tolist()], dtype=np.intp)

    def listing(self) -> str:
        """The names in a sentence."""
        return ", ".join(self.shown) or "none"
