"""Adapters written by the real mlx-lm on data/llama-untied, with the logits that they give: data/mlx-adapter (linears),
data/mlx-dora and data/mlx-embedding."""
import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import linear_to_lora_layers
from mlx_lm.utils import load_model, save_config
from safetensors.numpy import save_file

import numpy as np

from golden import DATA, IDS

LINEARS = ["self_attn.q_proj", "mlp.up_proj"]
CASES = {
    "mlx-adapter": ("lora", {"rank": 3, "scale": 2.5, "dropout": 0.0, "keys": LINEARS}),
    "mlx-dora": ("dora", {"rank": 2, "scale": 1.5, "dropout": 0.0, "keys": LINEARS}),
    "mlx-embedding": ("lora", {"rank": 2, "scale": 2.0, "dropout": 0.0, "keys": ["model.embed_tokens", *LINEARS]}),
}


def make(name: str, kind: str, parameters: dict) -> None:
    out = DATA / name
    out.mkdir(exist_ok=True)
    model, _ = load_model(DATA / "llama-untied")
    model.freeze()
    mx.random.seed(5)
    linear_to_lora_layers(model, 1, parameters, use_dora=kind == "dora")
    weights = dict(tree_flatten(model.trainable_parameters()))
    # A magnitude stays near the norms that it starts from; a factor is random.
    weights = {
        name: value * (1 + 0.1 * mx.random.normal(value.shape)) if name.endswith(".m") else 0.1 * mx.random.normal(value.shape)
        for name, value in weights.items()
    }
    model.load_weights(list(weights.items()), strict=False)
    mx.save_safetensors(str(out / "adapters.safetensors"), weights)
    save_config({"fine_tune_type": kind, "num_layers": 1, "lora_parameters": parameters, "model": "llama-untied"},
                config_path=out / "adapter_config.json")
    model.eval()
    logits = np.array(model(mx.array(IDS.numpy())))
    save_file({"logits": logits}, out / "expected.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    for name, (kind, parameters) in CASES.items():
        make(name, kind, parameters)
