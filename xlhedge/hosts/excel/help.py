"""The page that the ribbon's Help opens: every function with its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

import xlhedge
from xlhedge.catalog import CATALOG
from xlhedge.sheet.spec import FunctionSpec

_STYLE = (
    "body{font:15px/1.5 'Segoe UI',sans-serif;max-width:56em;margin:2em auto;padding:0 1em;"
    "color:#222}code{font:14px Consolas,monospace}h3{margin:1.6em 0 .2em}"
    "dt{font:14px Consolas,monospace}dd{margin:0 0 .3em 1.5em}"
    "@media(prefers-color-scheme:dark){body{background:#1b1b1b;color:#ddd}a{color:#8bf}}"
)


def render() -> str:
    """The page as HTML, without anything from elsewhere."""
    title = f"xlhedge {xlhedge.__version__}: worksheet functions"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{title}</h1>",
            *_contents(),
            *(line for spec in CATALOG.values() for line in _entry(spec)),
            "</body></html>",
        ]
    )


def _contents() -> Iterator[str]:
    for topic, specs in groupby(CATALOG.values(), lambda spec: spec.topic):
        links = (f'<a href="#{spec.name}">{spec.name}</a>' for spec in specs)
        yield f"<p><b>{escape(topic)}</b><br>{', '.join(links)}</p>"


def _entry(spec: FunctionSpec) -> Iterator[str]:
    yield f'<h3 id="{spec.name}">{spec.name}</h3>'
    yield f"<p>{escape(spec.summary)}</p><p><code>={escape(spec.syntax)}</code></p>"
    if spec.parameters:
        yield "<dl>"
        for parameter in spec.parameters:
            text = escape(spec.help.get(parameter.name, ""))
            if parameter.choices:
                text += " Options: " + ", ".join(f"<code>{c}</code>" for c in parameter.choices)
            yield f"<dt>{parameter.name}</dt><dd>{text}</dd>"
        yield "</dl>"
