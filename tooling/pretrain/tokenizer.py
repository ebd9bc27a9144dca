"""Trains the byte-level BPE (2048 tokens) on train.txt and encodes both parts to uint16 files."""
import json

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from settings import CACHE, CONTEXT, END_OF_TEXT, RUN, VOCAB

# GPT-2's split, but each digit alone: words and numbers keep the space before them.
SPLIT = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT,
    "model_max_length": CONTEXT, "clean_up_tokenization_spaces": False, "add_bos_token": False,
    "add_prefix_space": False,
}


def train_tokenizer(documents: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(documents, trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=[END_OF_TEXT],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    assert tokenizer.get_vocab_size() == VOCAB
    return tokenizer


def encode_documents(tokenizer: Tokenizer, documents: list[str]) -> np.ndarray:
    """Each document followed by the end token, in one row."""
    end = tokenizer.token_to_id(END_OF_TEXT)
    return np.concatenate([np.array(e.ids + [end], np.uint16) for e in tokenizer.encode_batch(documents)])


def main() -> None:
    RUN.mkdir(parents=True, exist_ok=True)
    parts = {p: (CACHE / f"{p}.txt").read_text("ascii").split(END_OF_TEXT)[:-1] for p in ("train", "validation")}
    tokenizer = train_tokenizer(parts["train"])
    tokenizer.save(str(RUN / "tokenizer.json"))
    (RUN / "tokenizer_config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    for part, documents in parts.items():
        ids = encode_documents(tokenizer, documents)
        ids.tofile(RUN / f"{part}.u16")
        characters = sum(map(len, documents))
        print(f"{part}: {ids.size} tokens, {characters / ids.size:.3f} characters a token")


if __name__ == "__main__":
    main()
