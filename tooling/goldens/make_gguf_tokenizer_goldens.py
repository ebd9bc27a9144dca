"""Token ids of tricky strings by the tokenizers whose metadata GGUF files carry: data/gguf/bpe-tokens.json, by
`tokenizers` with the vocabulary of packages/tiny-base and each pre-tokenizer as its Hugging Face repository has it; and
data/gguf/sentencepiece.gguf with .json, by `sentencepiece`, trained and set as Llama 2's.
"""
import io
import json
from pathlib import Path

import gguf
import sentencepiece
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from golden import DATA, write_json
from tricky import TRICKY

OUT = DATA / "gguf"
TINY = Path(__file__).parents[2] / "packages" / "tiny-base" / "model" / "tokenizer.json"
TEXTS = [text for text in TRICKY if "<|" not in text]  # neither knows that token
SIGNS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split(regex: str):
    return pre_tokenizers.Split(Regex(regex), "isolated", invert=False)


def byte_level(use_regex: bool):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)


BPE = {
    "gpt-2": byte_level(True),
    "smollm": pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level(True)]),
    "llama-bpe": pre_tokenizers.Sequence([split(SIGNS % r"\p{N}{1,3}"), byte_level(False)]),
    "qwen2": pre_tokenizers.Sequence([split(SIGNS % r"\p{N}"), byte_level(False)]),
}


def make_bpe() -> None:
    rows = {"texts": TEXTS}
    for name, pre in BPE.items():
        json_text = json.loads(TINY.read_text())
        json_text["model"]["ignore_merges"] = name == "llama-bpe"
        tokenizer = Tokenizer.from_str(json.dumps(json_text))
        tokenizer.pre_tokenizer = pre
        if name == "qwen2":
            tokenizer.normalizer = normalizers.NFC()
        rows[name] = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    write_json(OUT / "bpe-tokens.json", rows)


def make_sentencepiece() -> None:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 3), model_writer=model, model_type="bpe", vocab_size=560, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, split_digits=True, character_coverage=0.99,
        allow_whitespace_only_pieces=True, minloglevel=2,
    )  # fmt: skip
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    ids = range(len(processor))
    kinds = [6 if processor.is_byte(i) else 3 if processor.is_control(i) else 2 if processor.is_unknown(i) else 1 for i in ids]
    writer = gguf.GGUFWriter(OUT / "sentencepiece.gguf", "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list([processor.id_to_piece(i) for i in ids])
    writer.add_token_scores([processor.get_score(i) for i in ids])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(processor.bos_id())
    writer.add_eos_token_id(processor.eos_id())
    writer.add_unk_token_id(processor.unk_id())
    writer.add_chat_template("{% for message in messages %}[{{ message['role'] }}] {{ message['content'] }}{% endfor %}")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    write_json(OUT / "sentencepiece.json", [{"text": text, "ids": processor.encode(text)} for text in TEXTS])


if __name__ == "__main__":
    make_bpe()
    make_sentencepiece()
