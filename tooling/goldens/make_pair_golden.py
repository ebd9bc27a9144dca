"""Pairs of texts as a BERT for sequence classification judges them, by transformers.

Writes data/bert-pairs: a random BertForSequenceClassification of 3 classes with the tokenizer of data/wordpiece beside it, and
expected.json, a list of `{text, text_pair, logits}`.
"""
import shutil

import torch
from transformers import AutoTokenizer, BertForSequenceClassification

from golden import DATA, be_deterministic, write_json
from make_bert_goldens import random_bert

FOLDER = DATA / "bert-pairs"
PAIRS = [
    ("The old whale", "and the captain's ship"),
    ("and the captain's ship", "The old whale"),
    ("The captain cried aloud.", None),
    ("Is the ship old?", "The ship, in 1851, was old; the captain knew it, and the whale."),
]
OWN = dict(vocab_size=300, hidden_size=12, num_attention_heads=2, intermediate_size=20, num_hidden_layers=1,
           max_position_embeddings=64, num_labels=3)


@torch.no_grad()
def main() -> None:
    be_deterministic()
    random_bert(31, BertForSequenceClassification, OWN).save_pretrained(FOLDER)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(DATA / "wordpiece" / name, FOLDER / name)
    model = BertForSequenceClassification.from_pretrained(FOLDER, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    rows = []
    for text, pair in PAIRS:
        # As a BertTokenizer does unasked.
        inputs = tokenizer(text, pair, return_tensors="pt", return_token_type_ids=True)
        rows.append({"text": text, "text_pair": pair, "logits": model(**inputs).logits[0].tolist()})
    write_json(FOLDER / "expected.json", rows)
    print(rows)


if __name__ == "__main__":
    main()
