"""What our writers are held against: data/float8, data/sharded and data/lora-conversion."""
import hashlib
import shutil
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from torch import nn
from transformers import LlamaForCausalLM

from golden import DATA, be_deterministic, write_json


def float8() -> None:
    """Each code of the 8-bit floats, and torch's value for it."""
    codes = torch.arange(256, dtype=torch.uint8)
    tensors = {}
    for name, dtype in [("F8_E4M3", torch.float8_e4m3fn), ("F8_E5M2", torch.float8_e5m2)]:
        tensors[name] = codes.clone().view(dtype)
        tensors[f"{name}.values"] = codes.view(dtype).to(torch.float32)
    (DATA / "float8").mkdir(exist_ok=True)
    save_file(tensors, DATA / "float8" / "float8.safetensors")


def sharded() -> None:
    """How transformers splits llama-tied into shards of at most 20,000 bytes: the index whole, shards as their hashes."""
    out = DATA / "sharded"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    model = LlamaForCausalLM.from_pretrained(DATA / "llama-tied", dtype=torch.float32)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder, max_shard_size=20_000)
        hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(Path(folder).glob("*.safetensors"))}
        shutil.copy(Path(folder) / "model.safetensors.index.json", out)
    write_json(out / "expected.json", {"sha256": hashes})


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(7, 5)
        self.second = nn.Linear(5, 6)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


CASES = {
    "pissa": dict(r=2, lora_alpha=6, init_lora_weights="pissa", rank_pattern={"second": 3}, alpha_pattern={"second": 5}),
    "olora-rslora": dict(r=2, lora_alpha=3, init_lora_weights="olora", use_rslora=True),
}


def conversion(name: str, options: dict) -> None:
    """An adapter that shifts its base, at its start and trained, and what PEFT's save_pretrained converts it to."""
    out = DATA / "lora-conversion" / name
    shutil.rmtree(out, ignore_errors=True)
    torch.manual_seed(7)
    base = Two()
    plain = {key: value.clone() for key, value in base.state_dict().items()}
    model = get_peft_model(base, LoraConfig(target_modules=["first", "second"], **options))
    model.peft_config["default"].init_lora_weights = True
    model.save_pretrained(out / "initial")
    model.peft_config["default"].init_lora_weights = options["init_lora_weights"]
    with torch.no_grad():
        for key, value in model.named_parameters():
            if "lora_" in key:
                value += 0.1 * torch.randn_like(value)
    x = torch.randn(3, 7)
    trained = model(x).detach()
    model.save_pretrained(out / "trained")
    model.save_pretrained(out / "converted", path_initial_model_for_weight_conversion=str(out / "initial"))
    other = Two()
    other.load_state_dict(plain)
    again = PeftModel.from_pretrained(other, str(out / "converted"))
    assert torch.allclose(again(x), trained, atol=1e-5)
    for readme in out.glob("*/README.md"):
        readme.unlink()


if __name__ == "__main__":
    be_deterministic()
    float8()
    sharded()
    for name, options in CASES.items():
        conversion(name, options)
