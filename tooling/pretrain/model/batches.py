"""Rows for training: a pure function of (seed, step), so that a resumed run sees the same ones."""
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
from settings import CONTEXT, RUN, SEED  # noqa: E402


@lru_cache
def tokens(part: str) -> np.ndarray:
    return np.fromfile(RUN / f"{part}.u16", np.uint16).astype(np.int64)


def rows_per_epoch() -> int:
    return (tokens("train").size - CONTEXT - 1) // CONTEXT


@lru_cache(2)
def epoch_starts(epoch: int) -> np.ndarray:
    """Where each row of this epoch begins: back to back from a random offset, in random order."""
    random = np.random.default_rng([SEED, epoch])
    return random.permutation(rows_per_epoch()) * CONTEXT + random.integers(CONTEXT)


def train_batch(step: int, batch: int) -> torch.Tensor:
    """`[batch, CONTEXT + 1]` int64, the step-th batch counted from 0."""
    rows = []
    for i in range(step * batch, (step + 1) * batch):
        epoch, row = divmod(i, rows_per_epoch())
        start = epoch_starts(epoch)[row]
        rows.append(tokens("train")[start:start + CONTEXT + 1])
    return torch.from_numpy(np.stack(rows))


def validation_rows(limit: int | None = None) -> torch.Tensor:
    """`[rows, CONTEXT + 1]`, back to back (the last id of a row is the first of the next), evenly thinned."""
    ids = tokens("validation")
    count = (ids.size - 1) // CONTEXT
    rows = np.stack([ids[i * CONTEXT:(i + 1) * CONTEXT + 1] for i in range(count)])
    return torch.from_numpy(rows[:: max(1, count // limit)][:limit] if limit else rows)
