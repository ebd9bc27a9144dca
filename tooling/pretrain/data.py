"""Builds train.txt and validation.txt in the cache folder from the two downloaded packages.

Held out whole: the last chapter of each novel, and every 58th speech in order of time (four, so that
no period is missing from training and the loss is not that of one period).
Nothing later in the pipeline (tokenizer included) reads the validation part while training.
"""
import json
import re
import unicodedata

from novels import read_chapters
from settings import CACHE, END_OF_TEXT

SPEECHES = CACHE / "sotu" / "package" / "data"
NOVELS = CACHE / "austen" / "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"
EVERY = 58
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "—": "--", "–": "-", "‑": "-", "…": "...", "•": "", "\u00a0": " "})


def plain(text: str) -> str:
    """ASCII quotes and dashes, no accents, no _italics_ marks, single spaces inside a paragraph."""
    text = unicodedata.normalize("NFKD", text.translate(PLAIN)).encode("ascii", "ignore").decode()
    text = re.sub(r"_+", "", text)
    return "\n\n".join(" ".join(p.split()) for p in re.split(r"\n\s*\n", text) if p.strip())


def documents() -> tuple[list[str], list[str], dict]:
    """(train, validation, what was held out). A document is one speech or one chapter."""
    files = sorted(SPEECHES.glob("*.txt"))
    held = files[EVERY - 1::EVERY]
    train = [plain(f.read_text("utf-8")) for f in files if f not in held]
    validation = [plain(f.read_text("utf-8")) for f in held]
    record = {"speeches": [f.stem for f in held], "chapters": {}}
    for title, chapters in read_chapters(NOVELS).items():
        train += map(plain, chapters[:-1])
        validation.append(plain(chapters[-1]))
        record["chapters"][title] = f"chapter {len(chapters)} of {len(chapters)}"
    return train, validation, record


def main() -> None:
    train, validation, record = documents()
    for name, docs in (("train", train), ("validation", validation)):
        text = "".join(doc + END_OF_TEXT for doc in docs)
        (CACHE / f"{name}.txt").write_text(text, "ascii")
        record[name] = {"documents": len(docs), "characters": sum(map(len, docs))}
    (CACHE / "data.json").write_text(json.dumps(record, indent=2))
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
