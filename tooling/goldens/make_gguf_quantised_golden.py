"""A small Llama that llama.cpp's converter wrote and whose matrices are then packed, each kind in a type of its own, and
the logits that transformers gives the values that they stand for: data/gguf/quantised.gguf, .safetensors and .json.

    python make_gguf_quantised_golden.py <a checkout of llama.cpp>
"""
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

import make_gguf_goldens as converter
from golden import DATA, IDS, VOCAB, be_deterministic, logits_of, write_json, write_tensors
from make_gguf_goldens import gguf

OUT = DATA / "gguf"
TYPES = {  # by llama.cpp's names and by Hugging Face's
    ("token_embd", "embed_tokens"): "Q8_0", ("attn_q", "q_proj"): "Q8_0", ("attn_k", "k_proj"): "Q4_0",
    ("attn_v", "v_proj"): "Q5_0", ("attn_output", "o_proj"): "Q4_1", ("ffn_gate", "gate_proj"): "Q5_1",
    ("ffn_up", "up_proj"): "F16", ("ffn_down", "down_proj"): "BF16",
}  # fmt: skip


def ascii_vocabulary(self) -> None:
    """The end, ASCII but for "~" in GPT-2's letters, and one merge: it can spell what a test writes."""
    tokens = ["<|end|>", "\u0120", *map(chr, range(33, 126)), "th"]
    assert len(tokens) == VOCAB
    self.gguf_writer.add_tokenizer_model("gpt2")
    self.gguf_writer.add_tokenizer_pre("smollm")
    self.gguf_writer.add_token_list(tokens)
    self.gguf_writer.add_token_types([3] + [1] * (VOCAB - 1))
    self.gguf_writer.add_token_merges(["t h"])
    self.gguf_writer.add_bos_token_id(0)
    self.gguf_writer.add_eos_token_id(0)
    self.gguf_writer.add_chat_template("{% for m in messages %}{{ m['role'] }}: {{ m['content'] }} {% endfor %}")


def type_of(tensor: str) -> gguf.GGMLQuantizationType:
    *_, module, part = tensor.split(".")
    kinds = [kind for names, kind in TYPES.items() if module in names and part == "weight"]
    return gguf.GGMLQuantizationType[kinds[0] if kinds else "F32"]


def random_llama():
    """Attention has biases, since those of queries and keys are reordered too."""
    torch.manual_seed(29)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCAB, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, attention_bias=True, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 20000.0}, initializer_range=0.12,
        bos_token_id=0, eos_token_id=0, pad_token_id=None, attn_implementation="eager",
    ))  # fmt: skip
    for name, p in model.named_parameters():
        if "norm" in name:
            torch.nn.init.uniform_(p, 0.5, 1.5)
        elif name.endswith("bias"):
            torch.nn.init.normal_(p, 0, 0.3)
    return model


@torch.no_grad()
def round_weights(model) -> None:
    """To the values that the packed ones stand for. Blocks lie within rows, so their order in the file does not matter."""
    for name, p in model.named_parameters():
        data = gguf.quants.quantize(p.numpy(), type_of(name))
        p.copy_(torch.from_numpy(gguf.quants.dequantize(data, type_of(name)).astype(np.float32)))


def pack(plain: Path, packed: Path) -> None:
    reader = gguf.GGUFReader(plain)
    writer = gguf.GGUFWriter(packed, "llama")
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind = field.types[0]
        sub = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub)
    for tensor in reader.tensors:
        kind = type_of(tensor.name)
        writer.add_tensor(tensor.name, gguf.quants.quantize(tensor.data, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    be_deterministic()
    import conversion.llama

    conversion.llama.LlamaModel.set_vocab = ascii_vocabulary
    model = random_llama()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "small"  # the file has this name in it
        model.save_pretrained(folder)
        plain = Path(work) / "plain.gguf"
        converter.run("convert_hf_to_gguf.py", "--outfile", str(plain), "--outtype", "f32", str(folder))
        pack(plain, OUT / "quantised.gguf")
    round_weights(model)
    write_tensors(OUT / "quantised.safetensors", {"logits": logits_of(model)})
    write_json(OUT / "quantised.json", {"input_ids": IDS.tolist()})
