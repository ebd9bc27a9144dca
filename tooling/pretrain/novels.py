"""Reads Jane Austen's six novels out of the R package janeaustenr, without R.

`Rdata.rdb` is a row of records, each a big-endian uint32 length and that many bytes of zlib,
holding one R object in XDR form: here a character vector, one element per printed line.
"""
import re
import struct
import zlib
from pathlib import Path

TITLES = ["Emma", "Mansfield Park", "Northanger Abbey", "Persuasion", "Pride and Prejudice", "Sense and Sensibility"]
CHARSXP = b"\x00\x04\x00\x09"  # the header word of one R string in UTF-8 / ASCII
HEADING = re.compile(r"^\s*(chapter|volume)\b[\s.]*([ivxlc]+|\d+|the (first|last|second|third)|one|two|three)?[\s.]*$", re.I)
BACK_MATTER = re.compile(r"^\s*(finis|the end|a note on the text)[\s.]*$", re.I)


def read_chapters(rdb: Path) -> dict[str, list[str]]:
    """Title -> the chapters in order, each paragraphs of unwrapped lines joined by a blank line."""
    return {title: list(_chapters(_strings(raw))) for title, raw in zip(TITLES, _records(rdb.read_bytes()), strict=True)}


def _records(data: bytes):
    at = 0
    while at < len(data):
        inflate = zlib.decompressobj()
        yield inflate.decompress(data[at + 4:])
        at = len(data) - len(inflate.unused_data)


def _strings(raw: bytes) -> list[str]:
    at, lines = raw.index(CHARSXP), []
    while raw[at:at + 4] in (CHARSXP, b"\x00\x00\x80\x09", b"\x00\x00\x00\x09", b"\x00\x00\x10\x09"):
        (size,) = struct.unpack(">i", raw[at + 4:at + 8])
        lines.append(raw[at + 8:at + 8 + max(size, 0)].decode("utf-8", "replace"))
        at += 8 + max(size, 0)
    return lines


def _chapters(lines: list[str]):
    """Text before the first heading (title page) and after FINIS is dropped, and so are the headings."""
    chapter = None
    for line in lines:
        if BACK_MATTER.match(line) and chapter:
            break
        if HEADING.match(line):
            if chapter and any(map(str.strip, chapter)):
                yield _paragraphs(chapter)
            chapter = []
        elif chapter is not None:
            chapter.append(line)
    yield _paragraphs(chapter)


def _paragraphs(lines: list[str]) -> str:
    blocks = re.split(r"\n\s*\n", "\n".join(lines))
    return "\n\n".join(" ".join(block.split()) for block in blocks if block.strip())
