"""Models of data/families as llama.cpp's converter writes them, in F32: data/gguf-families.

    python make_gguf_family_goldens.py <a checkout of llama.cpp>

Their logits are those of data/families.
"""
import contextlib
import json
import sys
import tempfile
from pathlib import Path

import make_gguf_goldens as converter
from families import VOCAB
from golden import DATA

NAMES = ["gpt2", "llama-biases", "llama-linear", "llama-llama3", "llama-yarn", "mistral", "qwen2", "qwen2-tied"]
OUT = DATA / "gguf-families"


def small_vocabulary(self) -> None:
    self.gguf_writer.add_tokenizer_model("gpt2")
    self.gguf_writer.add_tokenizer_pre("gpt-2")
    self.gguf_writer.add_token_list([f"w{id}" for id in range(VOCAB)])
    self.gguf_writer.add_token_types([1] * VOCAB)
    self.gguf_writer.add_token_merges(["a b"])
    self.gguf_writer.add_bos_token_id(1)
    self.gguf_writer.add_eos_token_id(2)


def convert(name: str) -> None:
    """The converter asks for GPT-2's positions by their old name."""
    source = DATA / "families" / name
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / name
        folder.mkdir()
        for file in ("config.json", "model.safetensors"):
            (folder / file).write_bytes((source / file).read_bytes())
        config = json.loads((folder / "config.json").read_text())
        if "n_positions" in config:
            config["n_ctx"] = config["n_positions"]
        (folder / "config.json").write_text(json.dumps(config))
        with contextlib.redirect_stdout(None):
            converter.run(
                "convert_hf_to_gguf.py", "--outfile", str(OUT / f"{name}.gguf"), "--outtype", "f32", str(folder)
            )


if __name__ == "__main__":
    import conversion.gpt2
    import conversion.llama
    import conversion.qwen

    for model in (conversion.gpt2.GPT2Model, conversion.llama.LlamaModel, conversion.qwen.Qwen2Model):
        model.set_vocab = small_vocabulary
    OUT.mkdir(exist_ok=True)
    for name in NAMES:
        convert(name)
