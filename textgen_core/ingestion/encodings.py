"""From bytes in whatever encoding to UTF-8 with plain line feeds.

What can't be decoded becomes bytes that are no UTF-8, so that the row it is in, and only that one, is refused later.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator
from itertools import chain

from textgen_core.errors import SettingsError

log = logging.getLogger(__name__)

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
SAMPLE_BYTES = 1 << 16
ENOUGH = 16
"""Bytes that are neither ASCII nor UTF-8 from which on an encoding may be guessed; fewer are damage."""

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_JAPANESE_ESCAPE = re.compile(rb"\x1b\$[@B]")
_HIGH = re.compile(rb"[\x80-\xff]")
_UNDECODABLE = "\udc80"


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return _UNDECODABLE, error.end


codecs.register_error("textgen-mark", _mark)


def check_encoding(name: str) -> None:
    """Refuse a name that is no encoding.

    Raises:
        SettingsError: naming it.
    """
    try:
        known = name == "auto" or codecs.lookup(name)._is_text_encoding
    except LookupError:
        known = False
    if not known:
        raise SettingsError("encoding must be auto or a text encoding that Python knows", name, "For example utf-8")


def utf8_blocks(blocks: Iterator[bytes], encoding: str, name: str = "") -> Iterator[bytes]:
    """Blocks of UTF-8 without byte order mark, CRLF and lone CR made LF, from blocks in the encoding named or auto.

    A guess is logged, with the source's name, if there is one.
    """
    first = next(blocks, b"")
    mark, marked = next(((mark, marked) for mark, marked in MARKS.items() if first.startswith(mark)), (b"", ""))
    if encoding == "auto":
        encoding = marked or _detect(first[:SAMPLE_BYTES], name)
    if codecs.lookup(encoding).name.startswith(marked[:6] or "-"):  # utf-8 also for utf-8-sig, utf-16 for utf-16-le
        first, encoding = first[len(mark) :], marked
    blocks = chain([first], blocks)
    return _line_feeds(blocks if codecs.lookup(encoding).name in ("utf-8", "ascii") else _transcoded(blocks, encoding))


def _transcoded(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("textgen-mark")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")


def _line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""  # a CR at a block's end, whose LF may open the next block
    for block in blocks:
        block = held + block if held else block
        held = b"\r" if block.endswith(b"\r") else b""
        if b"\r" in block:
            block = block[: len(block) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield block
    if held:
        yield b"\n"


def _detect(sample: bytes, source: str) -> str:
    multibyte = sum(map(len, _MULTIBYTE.findall(sample)))
    high = len(_HIGH.findall(sample))
    if high - multibyte < max(ENOUGH, multibyte):
        if _JAPANESE_ESCAPE.search(sample):
            return "iso2022_jp"
        return _without_mark(sample) if b"\0" in sample else "utf-8"
    import charset_normalizer

    matches = charset_normalizer.from_bytes(sample)
    if (best := matches.best()) is None:
        return "utf-8"
    equals = [match.encoding for match in matches if (match.chaos, match.coherence) == (best.chaos, best.coherence)]
    name = "cp1252" if "cp1252" in equals else best.encoding  # of equally likely ones, what most Western text is in
    if source:
        log.warning("%s is no UTF-8 and is read as %s, a guess: set encoding to make it certain", source, name)
    return name


def _without_mark(sample: bytes) -> str:
    """UTF-16 without a byte order mark shows as a NUL in every other byte of Latin text."""
    if len(sample) < ENOUGH:
        return "utf-8"
    even, odd = (sample[start::2].count(0) / (len(sample) // 2) for start in (0, 1))
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else "utf-8"
