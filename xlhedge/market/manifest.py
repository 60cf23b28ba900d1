"""What stands beside a file that was fetched: where each series came from, and what it lacks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from xlhedge import __version__
from xlhedge.market.checks import stamp
from xlhedge.market.series import Fetched
from xlhedge.system.files import save

ENDING = ".manifest.json"


def path(target: Path) -> Path:
    """The manifest of a file."""
    return target.with_name(target.name + ENDING)


def of(series: Fetched) -> dict[str, Any]:
    """What a manifest says of one series."""
    times = [time for time, _ in series.rows]
    return {
        "venue": series.venue,
        "symbol": series.symbol,
        "series": series.kind,
        "asked": {"after": stamp(series.since), "until": stamp(series.until)},
        "received": {
            "rows": len(times),
            "first": stamp(times[0]) if times else None,
            "last": stamp(times[-1]) if times else None,
        },
        "gaps": [
            {"first": stamp(gap.first), "last": stamp(gap.last), "count": gap.count}
            for gap in series.gaps
        ],
    }


def write(
    content: bytes, target: Path, what: str, sources: Sequence[dict[str, Any]], fetched: int
) -> None:
    """Save a file, and its manifest beside it.

    Parameters
    ----------
    content
        The file.
    target
        Where.
    what
        The kind of file, such as history.
    sources
        What the manifest says of each series or reply.
    fetched
        The venue's time, in milliseconds.
    """
    told = {
        "file": target.name,
        "kind": what,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "fetched": stamp(fetched // 1000 * 1000),
        "sources": list(sources),
        "xlhedge": __version__,
        "ccxt": _version("ccxt"),
    }
    save(content, target)
    save((json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode(), path(target))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
