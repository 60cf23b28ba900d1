"""Reading a workbook's zip archive from a stranger, and writing it with few parts changed."""

from __future__ import annotations

import io
import lzma
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xlhedge.errors import FileError
from xlhedge.system.limits import Limits

if TYPE_CHECKING:
    from _typeshed import SupportsRead

_OLE_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_FLAG = 0x1
_MEGABYTE = 1024 * 1024
_PIECE = 65_536
# What the modules of the standard library raise on headers and streams that contradict themselves.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, LookupError,
    OverflowError, EOFError, OSError, RuntimeError,
)  # fmt: skip
_RATIO_EXEMPT_BYTES = 10 * _MEGABYTE


class Archive:
    """The parts of a file's zip archive in their order, refused where it must not be trusted."""

    def __init__(self, content: bytes, name: str, limits: Limits) -> None:
        self.name = name
        _refuse_other_formats(content, name)
        with _told(f"{name} is a damaged zip archive"):
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        self._infos = {info.filename: info for info in self._zip.infolist()}
        self._refuse_hostile(self._zip.infolist(), limits)

    def _refuse_hostile(self, infos: list[zipfile.ZipInfo], limits: Limits) -> None:
        if len(infos) > limits.parts:
            raise FileError(f"{self.name} has {len(infos)} parts; at most {limits.parts} are read")
        seen: set[str] = set()
        for info in infos:
            part = info.filename
            # Part names are compared without case (OPC 6.2.2.3), so Sheet1 and sheet1 collide.
            if part.lower() in seen:
                raise FileError(f"{self.name} holds the part {part} twice")
            seen.add(part.lower())
            pieces = part.split("/")
            if part.startswith("/") or "\\" in part or ".." in pieces or ":" in part:
                raise FileError(f"{self.name} holds a part with an unsafe name: {part!r}")
            if info.flag_bits & _ENCRYPTED_FLAG:
                raise FileError(f"{self.name} is protected by a password")
            if info.file_size > _RATIO_EXEMPT_BYTES and info.file_size > limits.ratio * max(
                info.compress_size, 1
            ):
                raise FileError(
                    f"{self.name} looks like a zip bomb: {part} unpacks to {info.file_size} bytes, "
                    f"more than {limits.ratio:g} times its packed size"
                )
        total = sum(info.file_size for info in infos)
        if total > limits.unpacked_bytes:
            raise FileError(
                f"{self.name} unpacks to {total} bytes; at most {limits.unpacked_bytes} are read"
            )

    def names(self) -> list[str]:
        """Names of the parts in file order."""
        return list(self._infos)

    def read(self, part: str) -> bytes:
        """Content of a part."""
        with _told(f"{self.name} is damaged at {part}"):
            return self.open(part).read()

    def open(self, part: str) -> SupportsRead[bytes]:
        """Content of a part that is known to be whole, to be read piece by piece."""
        info = self._infos.get(part)
        if info is None:
            raise FileError(f"{self.name} has no part {part}")
        return self._zip.open(info)  # never more than the directory says

    def beginning(self, part: str) -> bytes:
        """The first bytes of a part, all of which is read once and so known to be whole."""
        with _told(f"{self.name} is damaged at {part}"):
            content = self.open(part)
            start = content.read(_PIECE)
            while content.read(_PIECE):
                pass
            return start

    def holds(self, part: str, content: SupportsRead[bytes]) -> bool:
        """Whether a part's content is the same."""
        held = self.open(part)
        while (piece := held.read(_PIECE)) == content.read(_PIECE):
            if not piece:
                return True
        return False

    def with_changes(
        self, changed: Mapping[str, SupportsRead[bytes]], removed: Collection[str] = frozenset()
    ) -> bytes:
        """The archive with the content of some parts replaced and some parts left out.

        Order, times, attributes and compression method of every part stay; so does the content
        of each part that is not named.
        """
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as output:
            output.comment = self._zip.comment
            for part, info in self._infos.items():
                if part in removed:
                    continue
                copy = zipfile.ZipInfo(part, info.date_time)
                copy.compress_type = (
                    zipfile.ZIP_STORED
                    if info.compress_type == zipfile.ZIP_STORED
                    else zipfile.ZIP_DEFLATED
                )
                copy.external_attr = info.external_attr
                copy.internal_attr = info.internal_attr
                copy.create_system = info.create_system
                copy.comment = info.comment
                content = changed[part] if part in changed else self.open(part)
                with output.open(copy, "w") as written:
                    shutil.copyfileobj(content, written)
        return target.getvalue()


def read_file(path: Path, limits: Limits) -> bytes:
    """The bytes of a file, or one clear sentence."""
    try:
        if path.is_dir():
            raise FileError(f"{path} is a folder, not a workbook")
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise FileError(f"{path} is a device or a pipe, not a file")
        if about.st_size > limits.file_bytes:
            raise FileError(
                f"{path} has {about.st_size} bytes; at most {limits.file_bytes} are read"
            )
        with path.open("rb") as file:
            return file.read(about.st_size)  # it may have grown since
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except OSError as problem:
        raise FileError(f"{path} cannot be read: {problem.strerror or problem}") from None


def _refuse_other_formats(content: bytes, name: str) -> None:
    if not content:
        raise FileError(f"{name} is empty")
    if content.startswith(_OLE_COMPOUND_FILE):
        if _ENCRYPTED_PACKAGE in content:
            raise FileError(f"{name} is protected by a password: save it without one first")
        raise FileError(f"{name} is an old .xls workbook: save it as .xlsx first")
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise FileError(f"{name} is not an .xlsx workbook (it is no zip archive)")


@contextmanager
def _told(damage: str) -> Iterator[None]:
    """Tell in one line what is wrong with an archive."""
    try:
        yield
    except _DAMAGE as problem:
        why = " ".join(str(problem).split()) or type(problem).__name__
        raise FileError(f"{damage}: {why}") from None
