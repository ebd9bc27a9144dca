"""Logits of the embedded base on one held-out paragraph, float32 arithmetic on its F16 weights.

Writes data/tiny-base/expected.safetensors (logits `[64, 2048]`) and expected.json
(text, input_ids, mean next-token loss in nats, the 24 ids of a greedy continuation).
"""
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from golden import DATA, be_deterministic, logits_of, loss_per_sequence, write_json, write_tensors

MODEL = Path(__file__).parents[2] / "packages" / "tiny-base" / "model"
SEQ = 64
# Persuasion, chapter 24: held out from the pretraining.
TEXT = (
    "Who can be in doubt of what followed? When any two young people take it into their heads to marry, they are "
    "pretty sure by perseverance to carry their point, be they ever so poor, or ever so imprudent, or ever so little "
    "likely to be necessary to each other's ultimate comfort. This may be bad morality to conclude with, but I "
    "believe it to be truth;"
)


def main(folder: Path = MODEL, out: Path = DATA / "tiny-base") -> None:
    be_deterministic()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    ids = tokenizer(TEXT, add_special_tokens=False, return_tensors="pt").input_ids[:, :SEQ]
    assert ids.shape == (1, SEQ)
    logits = logits_of(model, ids)
    greedy = model.generate(ids, max_new_tokens=24, do_sample=False, temperature=None, top_p=None, pad_token_id=0)
    write_tensors(out / "expected.safetensors", {"logits": logits[0]})
    write_json(out / "expected.json", {
        "text": tokenizer.decode(ids[0]), "input_ids": ids[0].tolist(), "loss": loss_per_sequence(logits, ids)[0],
        "greedy_continuation": greedy[0, SEQ:].tolist()})
    print(loss_per_sequence(logits, ids), repr(tokenizer.decode(greedy[0])))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
