"""What PEFT makes of an adapter that lowrank trained and wrote: its logits on the embedded base.

  make_lowrank_adapter_golden.py folder      the folder of `lowrank train`, copied to data/lowrank-adapter

Writes data/lowrank-adapter/expected.safetensors (logits `[64, 2048]`) and expected.json (input_ids, loss in nats).
PEFT only warns of tensors that it does not find, so the script itself looks that each was used.
"""
import shutil
import sys
import warnings
from pathlib import Path

from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from golden import DATA, be_deterministic, logits_of, loss_per_sequence, write_json, write_tensors
from make_tiny_base_goldens import MODEL, SEQ, TEXT

FILES = ["adapter_config.json", "adapter_model.safetensors"]


def main(folder: Path, out: Path = DATA / "lowrank-adapter") -> None:
    be_deterministic()
    out.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        shutil.copy(folder / file, out / file)
    base = AutoModelForCausalLM.from_pretrained(MODEL, dtype="float32", attn_implementation="eager")
    ids = AutoTokenizer.from_pretrained(MODEL)(TEXT, add_special_tokens=False, return_tensors="pt").input_ids[:, :SEQ]
    plain = logits_of(base, ids)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model = PeftModel.from_pretrained(base, out)
    zero = [n for n, p in model.named_parameters() if "lora_B" in n and not p.abs().sum()]
    assert not zero, f"not loaded: {zero}"
    logits = logits_of(model, ids)
    assert (logits - plain).abs().max() > 0.1, "the adapter changes nothing"
    write_tensors(out / "expected.safetensors", {"logits": logits[0]})
    write_json(out / "expected.json", {"input_ids": ids[0].tolist(), "loss": loss_per_sequence(logits, ids)[0]})
    print(f"loss {loss_per_sequence(plain, ids)[0]:.4f} -> {loss_per_sequence(logits, ids)[0]:.4f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
