"""What the model card reports, computed by transformers in float32 from the exported F16 file.

  evaluate.py folder [--check decayed.pt]     --check also compares with the training model's own logits
"""
import argparse
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

sys.path.insert(0, str(Path(__file__).parent / "model"))
from batches import tokens, validation_rows  # noqa: E402
from export import huggingface_names  # noqa: E402
from llama import Llama  # noqa: E402
from settings import CACHE, END_OF_TEXT  # noqa: E402

PROMPTS = ["It was a", "The people of the United States", "Elizabeth looked at him, and"]


def load(folder: Path):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def nats_per_token(model, rows: torch.Tensor) -> float:
    """Every token of the held-out stream but the first, in windows of the full context."""
    total = 0.0
    for chunk in rows.split(16):
        logits = model(input_ids=chunk[:, :-1]).logits
        total += torch.nn.functional.cross_entropy(logits.flatten(0, 1), chunk[:, 1:].flatten(), reduction="sum").item()
    return total / rows[:, 1:].numel()


@torch.no_grad()
def check(model, checkpoint: Path, rows: torch.Tensor) -> float:
    """Largest difference of logits: our training code in float32, with the same rounded weights."""
    own = Llama(torch.float32)
    state = torch.load(checkpoint)["model"]
    own.load_state_dict({n: t.half().float() for n, t in state.items()})
    assert len(huggingface_names(state)) == len(list(model.parameters()))
    return (own(rows[:2, :-1]) - model(input_ids=rows[:2, :-1]).logits).abs().max().item()


def main() -> None:
    p = argparse.ArgumentParser()
    p.add_argument("folder", type=Path)
    p.add_argument("--check", type=Path)
    o = p.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load(o.folder), AutoTokenizer.from_pretrained(o.folder)
    text = (CACHE / "validation.txt").read_text("ascii")
    ids = tokenizer(text, add_special_tokens=False).input_ids
    assert ids == tokens("validation").tolist(), "the saved tokenizer must give the ids that were trained on"
    nats = nats_per_token(model, validation_rows())
    per_token = (len(text) - text.count(END_OF_TEXT) * len(END_OF_TEXT)) / len(ids)
    print(f"validation: {nats:.4f} nats a token, {nats / per_token:.4f} nats a character, {len(ids)} tokens")
    if o.check:
        print(f"largest difference of logits from the training model: {check(model, o.check, validation_rows()):.2e}")
    for prompt in PROMPTS:
        torch.manual_seed(0)
        start = tokenizer(prompt, return_tensors="pt").input_ids
        out = model.generate(start, max_new_tokens=100, do_sample=True, temperature=0.8, top_p=0.95, top_k=0, pad_token_id=0)
        print(f"--- {tokenizer.decode(out[0])}")


if __name__ == "__main__":
    main()
