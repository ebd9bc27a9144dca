"""GGUF files by llama.cpp's own converters and quantisers: data/gguf.

    python make_gguf_goldens.py <a checkout of llama.cpp> (npm's node-llama-cpp carries one as llama/gitRelease.bundle)

base.gguf is data/llama-untied, adapter*.gguf are data/peft-adapter*, blocks.gguf holds one tensor in each block format
and blocks.safetensors what the gguf package makes of it.
"""
import runpy
import sys
from pathlib import Path

import numpy as np

from golden import DATA, VOCAB

LLAMA_CPP = Path(sys.argv[1]).resolve()
sys.path[:0] = [str(LLAMA_CPP), str(LLAMA_CPP / "gguf-py")]

import gguf  # noqa: E402
from safetensors.numpy import save_file  # noqa: E402

OUT = DATA / "gguf"
EXACT = ["F32", "F16", "BF16"]
QUANTISED = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"]
K_QUANTS = ["Q4_K", "Q5_K", "Q6_K"]  # the package reads these but does not make them: their bytes are random


def run(script: str, *args: str) -> None:
    sys.argv = [script, *args]
    runpy.run_path(str(LLAMA_CPP / script), run_name="__main__")


def small_vocabulary(self) -> None:
    """The base has no tokenizer; llama.cpp wants one, so each id gets a word of its own."""
    words = ["<|end|>", "\u010a", "a", "b", "ab"] + [f"w{id}" for id in range(5, VOCAB)]
    self.gguf_writer.add_tokenizer_model("gpt2")
    self.gguf_writer.add_tokenizer_pre("gpt-2")
    self.gguf_writer.add_token_list(words)
    self.gguf_writer.add_token_types([3] + [1] * (VOCAB - 1))
    self.gguf_writer.add_token_merges(["a b"])
    self.gguf_writer.add_bos_token_id(0)
    self.gguf_writer.add_eos_token_id(0)


def make_base() -> None:
    import conversion.llama

    conversion.llama.LlamaModel.set_vocab = small_vocabulary
    run("convert_hf_to_gguf.py", "--outfile", str(OUT / "base.gguf"), "--outtype", "f32", str(DATA / "llama-untied"))


def make_adapters() -> None:
    for folder, name in [("peft-adapter", "adapter"), ("peft-adapter-rslora", "adapter-rslora")]:
        base = str(DATA / "llama-untied")
        run("convert_lora_to_gguf.py", "--base", base, "--outfile", str(OUT / f"{name}.gguf"), str(DATA / folder))


def k_quant_bytes(kind: gguf.GGMLQuantizationType, random: np.random.Generator) -> np.ndarray:
    """Random blocks with their half-precision scales set to sane values."""
    block, size = gguf.GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (4, 512 // block, size), dtype=np.uint8)
    places = [208] if kind.name == "Q6_K" else [0, 2]
    for place in places:
        scales = random.normal(0, 0.01, data.shape[:2]).astype(np.float16)
        data[:, :, place : place + 2] = scales[..., None].view(np.uint8)
    return data.reshape(4, -1)


def make_blocks() -> None:
    random = np.random.default_rng(17)
    writer = gguf.GGUFWriter(OUT / "blocks.gguf", "test")
    writer.add_array("test.words", ["eins", "zw\u00f6lf", ""])
    writer.add_array("test.numbers", [-1, 2, 3])
    writer.add_uint64("test.large", 2**63 + 1)
    writer.add_int8("test.small", -3)
    writer.add_float64("test.double", 0.1)
    writer.add_bool("test.yes", True)
    expected = {}
    for name in [*EXACT, *QUANTISED, *K_QUANTS]:
        kind = gguf.GGMLQuantizationType[name]
        if name in K_QUANTS:
            data = k_quant_bytes(kind, random)
        else:
            data = gguf.quants.quantize(random.normal(0, 1, (3, 64)).astype(np.float32), kind)
        writer.add_tensor(name, data, raw_dtype=kind)
        expected[name] = np.ascontiguousarray(gguf.quants.dequantize(data, kind).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(expected, OUT / "blocks.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    make_base()
    make_adapters()
    make_blocks()
