"""An adapter written by the real mlx-lm on data/llama-untied: data/mlx-adapter, with the logits that it gives."""
import json

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.tuner.utils import linear_to_lora_layers
from mlx_lm.utils import load_model, save_config
from safetensors.numpy import save_file

import numpy as np

from golden import DATA, IDS

OUT = DATA / "mlx-adapter"
PARAMETERS = {"rank": 3, "scale": 2.5, "dropout": 0.0, "keys": ["self_attn.q_proj", "mlp.up_proj"]}


def main() -> None:
    OUT.mkdir(exist_ok=True)
    model, _ = load_model(DATA / "llama-untied")
    model.freeze()
    mx.random.seed(5)
    linear_to_lora_layers(model, 1, PARAMETERS)
    names = [name for name, _ in tree_flatten(model.trainable_parameters())]
    weights = dict(tree_flatten(model.trainable_parameters()))
    weights = {name: 0.1 * mx.random.normal(weights[name].shape) for name in names}
    model.load_weights(list(weights.items()), strict=False)
    mx.save_safetensors(str(OUT / "adapters.safetensors"), weights)
    save_config({"fine_tune_type": "lora", "num_layers": 1, "lora_parameters": PARAMETERS, "model": "llama-untied"},
                config_path=OUT / "adapter_config.json")
    model.eval()
    logits = np.array(model(mx.array(IDS.numpy())))
    save_file({"logits": logits}, OUT / "expected.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
