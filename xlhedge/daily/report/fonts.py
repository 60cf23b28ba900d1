"""The page's type: an embedded font, measured, cut, wrapped and written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from xlhedge.errors import FileError

_MISSING = "?"
_REPLACED = {"\u2192": "to", "\u00a0": " ", "\u2011": "-", "\u202f": " "}


class Fonts:
    """A font in regular and bold, embedded in the file.

    Parameters
    ----------
    file
        A TrueType file for all text; Bitstream Vera Sans, which reportlab brings, when left out.

    Raises
    ------
    FileError
        When the file is no TrueType font.
    """

    def __init__(self, file: Path | None = None) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFError, TTFont

        files = ("Vera.ttf", "VeraBd.ttf") if file is None else (str(file), str(file))
        self.names = ("XlhedgeText", "XlhedgeBold")
        try:
            fonts = [TTFont(name, path) for name, path in zip(self.names, files, strict=True)]
        except (TTFError, OSError) as problem:
            raise FileError(f"{file} is not a TrueType font: {problem}") from None
        for font in fonts:
            pdfmetrics.registerFont(font)
        self._known = frozenset(fonts[0].face.charToGlyph)
        self.lacking: set[str] = set()
        self._measured = lru_cache(maxsize=4096)(pdfmetrics.stringWidth)

    def text(self, text: str) -> str:
        """A text in the font's own letters; those that it lacks are noted and replaced."""
        shown = []
        for letter in " ".join(text.split()):
            if ord(letter) in self._known:
                shown.append(letter)
            elif letter in _REPLACED:
                shown.append(_REPLACED[letter])
            else:
                self.lacking.add(letter)
                shown.append(_MISSING)
        return "".join(shown)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide a text is, in points."""
        return float(self._measured(self.text(text), self.names[bold], size))

    def cut(self, text: str, size: float, room: float, *, bold: bool = False) -> str:
        """A text that fits; what does not is left out behind three dots."""
        if self.width(text, size, bold=bold) <= room:
            return text
        wide = range(len(text))
        fits = bisect_right(wide, room, key=lambda n: self.width(f"{text[:n]}...", size, bold=bold))
        return f"{text[: max(fits - 1, 0)].rstrip()}..."

    def wrapped(self, text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
        """The lines of a text; a word longer than a line, or a text without spaces, is broken."""
        lines: list[str] = []
        for word in self.text(text).split():
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(joined, size, bold=bold) <= room:
                lines[-1] = joined
            else:
                lines += self._broken(word, size, room, bold=bold)
        return lines

    def _broken(self, word: str, size: float, room: float, *, bold: bool) -> Iterator[str]:
        """A word in pieces that fit, of a letter at least."""
        while len(word) > 1 and self.width(word, size, bold=bold) > room:
            wide = range(len(word))
            fits = bisect_right(wide, room, key=lambda n: self.width(word[:n], size, bold=bold))
            piece = max(fits - 1, 1)
            yield word[:piece]
            word = word[piece:]
        yield word

    def write(
        self, canvas: Any, x: float, y: float, text: str, size: float, colour: str,
        *, bold: bool = False,
    ) -> None:  # fmt: skip
        """Write a text from a point on."""
        canvas.setFillColor(colour)
        canvas.setFont(self.names[bold], size)
        canvas.drawString(x, y, self.text(text))

    def right(
        self, canvas: Any, x: float, y: float, text: str, size: float, colour: str,
        *, bold: bool = False,
    ) -> None:  # fmt: skip
        """Write a text that ends at a point."""
        start = x - self.width(text, size, bold=bold)
        self.write(canvas, start, y, text, size, colour, bold=bold)

    def centre(self, canvas: Any, x: float, y: float, text: str, size: float, colour: str) -> None:
        """Write a text around a point."""
        self.write(canvas, x - self.width(text, size) / 2, y, text, size, colour)
