"""What the golden scripts share: a deterministic torch, the input ids, and how a golden is written."""
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

DATA = Path(__file__).parent / "data"
VOCAB = 96
IDS = torch.randint(0, VOCAB, (2, 11), generator=torch.Generator().manual_seed(11))


def be_deterministic() -> None:
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.set_default_dtype(torch.float32)


@torch.no_grad()
def logits_of(model, ids: torch.Tensor = IDS) -> torch.Tensor:
    """`[batch, seq, vocab]`, float32, dropout off."""
    return model.eval()(input_ids=ids).logits.float().contiguous()


def loss_per_sequence(logits: torch.Tensor, ids: torch.Tensor = IDS) -> list[float]:
    """Mean next-token cross-entropy of each sequence, in nats: position t predicts token t + 1."""
    nll = torch.nn.functional.cross_entropy(logits[:, :-1].transpose(1, 2), ids[:, 1:], reduction="none")
    return nll.mean(1).tolist()


def write_json(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: t.detach().clone().contiguous() for name, t in tensors.items()}, path, metadata={"format": "pt"})
