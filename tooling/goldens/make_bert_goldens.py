"""Four tiny random BERTs with their states and logits, computed by transformers.

Writes data/bert and data/bert-options (BertModel), data/bert-classifier (BertForSequenceClassification, 3 classes) and
data/bert-masked-lm (BertForMaskedLM, without pooler; its states are those of `AutoModel`), each an ordinary Hugging Face folder plus expected.json (input_ids, attention_mask, token_type_ids) and expected.safetensors: hidden
`[3, 11, 30]` and pooled `[3, 30]` (the mean over tokens), and of the classifier logits `[3, 3]` and query_gradient
`[30, 30]`, that of the mean square of the logits by the first layer's query weight.
"""
import torch
from transformers import AutoModel, BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel

from golden import DATA, VOCAB, be_deterministic, write_json, write_tensors

COMMON = dict(
    vocab_size=VOCAB, hidden_size=30, intermediate_size=50, num_hidden_layers=2, num_attention_heads=3,
    max_position_embeddings=17, type_vocab_size=2, layer_norm_eps=1e-12, initializer_range=0.15,
    hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1,
)
OPTIONS = dict(hidden_act="gelu_new", layer_norm_eps=0.01, type_vocab_size=1, hidden_size=12, num_attention_heads=2,
               intermediate_size=10, num_hidden_layers=1)
MODELS = {
    "bert": (BertModel, {}),
    "bert-classifier": (BertForSequenceClassification, {"num_labels": 3}),
    "bert-options": (BertModel, OPTIONS),
    "bert-masked-lm": (BertForMaskedLM, OPTIONS),
}
LENGTHS = (11, 7, 1)


def inputs(kinds: int) -> dict[str, torch.Tensor]:
    """Three sequences, two of them padded, each with a second text, where there is one, from its third token on."""
    ids = torch.randint(0, VOCAB, (3, 11), generator=torch.Generator().manual_seed(7))
    places = torch.arange(11).expand(3, 11)
    return {
        "input_ids": ids,
        "attention_mask": (places < torch.tensor(LENGTHS)[:, None]).long(),
        "token_type_ids": (places >= 3).long().clamp(max=kinds - 1),
    }


def random_bert(seed: int, kind, own: dict):
    """Norm weights and all biases are random too: a reader that drops them must fail."""
    torch.manual_seed(seed)
    model = kind(BertConfig(**COMMON | own, attn_implementation="eager")).float().eval()
    for name, p in model.named_parameters():
        if name.endswith("LayerNorm.weight"):
            torch.nn.init.uniform_(p, 0.5, 1.5)
        elif name.endswith("bias"):
            torch.nn.init.normal_(p, 0, 0.2)
    return model


@torch.no_grad()
def expected(model, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    output = model(**batch, output_hidden_states=True)
    hidden = output.hidden_states[-1]
    mask = batch["attention_mask"][..., None].float()
    tensors = {"hidden": hidden, "pooled": (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)}
    if not hasattr(output, "logits"):
        return tensors
    return {**tensors, "logits": output.logits, "query_gradient": query_gradient(model, batch)}


@torch.enable_grad()
def query_gradient(model, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    weight = model.bert.encoder.layer[0].attention.self.query.weight
    return torch.autograd.grad(model(**batch).logits.square().mean(), weight)[0]


def main() -> None:
    be_deterministic()
    for seed, (name, (kind, own)) in enumerate(MODELS.items(), start=21):
        folder = DATA / name
        random_bert(seed, kind, own).save_pretrained(folder)
        reader = AutoModel if kind is BertForMaskedLM else kind
        model = reader.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        batch = inputs(model.config.type_vocab_size)
        tensors = expected(model, batch)
        write_tensors(folder / "expected.safetensors", tensors)
        write_json(folder / "expected.json", {key: value.tolist() for key, value in batch.items()})
        print(name, {key: (tuple(t.shape), round(t.std().item(), 3)) for key, t in tensors.items()})


if __name__ == "__main__":
    main()
