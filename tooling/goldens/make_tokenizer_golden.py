"""Token ids of tricky strings, from the tokenizer of packages/tiny-base as transformers loads it.

Writes data/tiny-base/tokens.json: [{text, ids}]. No special token is added; one in the text is matched.
"""
import sys
from pathlib import Path

from transformers import AutoTokenizer

from golden import DATA, write_json
from tricky import TRICKY

MODEL = Path(__file__).parents[2] / "packages" / "tiny-base" / "model"


def main(model: Path = MODEL, out: Path = DATA / "tiny-base" / "tokens.json") -> None:
    tokenizer = AutoTokenizer.from_pretrained(model)
    rows = [{"text": text, "ids": tokenizer(text, add_special_tokens=False).input_ids} for text in TRICKY]
    for row in rows:
        assert tokenizer.decode(row["ids"]) == row["text"], row
    write_json(out, rows)
    print(len(rows), "strings")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
