"""Texts and pairs as transformers encodes them for a BERT, whole and truncated.

Writes data/wordpiece/tokenizer.json (WordPiece of 300 tokens, lower-cased, with BERT's template of special tokens),
tokenizer_config.json and expected.json: [{text, pair, maxLength, ids, types}].
"""
import json

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from golden import DATA
from tricky import TRICKY

OUT = DATA / "wordpiece"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LEARNED = ["The whale swam past the old ship, and the captain cried aloud.", "unaffable caf\u00e9 na\u00efve r\u00f4le", *TRICKY]
PAIRS = [
    ("The old whale", "and the captain's ship"),
    ("a", "b"),
    ("one two three four five six seven", "eight"),
    ("one", "two three four five six seven eight"),
    ("Caf\u00e9 na\u00efve R\u00d4LE", "\u65e5\u672c\u8a9e \u0438 \u043c\u0438\u0440"),
    ("[MASK] of [SEP] text", "<b>x</b> [UNK]"),
    ("", "the second alone"),
]


def trained() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(LEARNED, trainers.WordPieceTrainer(vocab_size=300, special_tokens=SPECIAL, limit_alphabet=70))
    ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", mask_token="[MASK]")


def row(tokenizer, text: str, pair: str | None, max_length: int | None) -> dict:
    how = {} if max_length is None else {"truncation": True, "max_length": max_length}
    encoded = tokenizer(text, pair, return_token_type_ids=True, **how)
    return {"text": text, "pair": pair, "maxLength": max_length, "ids": encoded["input_ids"], "types": encoded["token_type_ids"]}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    tokenizer = trained()
    tokenizer.save_pretrained(OUT)
    rows = [row(tokenizer, text, None, None) for text in TRICKY]
    rows += [row(tokenizer, LEARNED[0], None, length) for length in (3, 4, 9, 15, 16, 99)]
    rows += [row(tokenizer, *pair, length) for pair in PAIRS for length in (None, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20)]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in rows)
    (OUT / "expected.json").write_text(f"[\n{lines}\n]\n")
    print(len(rows), "rows")


if __name__ == "__main__":
    main()
