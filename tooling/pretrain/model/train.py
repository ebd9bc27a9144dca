"""Trains with a warm-up / stable / decay schedule; resumable at any step.

  train.py stable                      warm up, then a constant rate until stopped (SIGTERM saves first)
  train.py stable --until 9000         the same, up to that step
  train.py decay --steps 3000          from the stable checkpoint, down to zero: writes decayed.pt
"""
import argparse
import os
import signal
import time

import torch

from batches import CONTEXT, RUN, SEED, train_batch, validation_rows
from llama import Llama

EVAL_EVERY, SAVE_SECONDS, EMA = 500, 180, 0.998


def options():
    p = argparse.ArgumentParser()
    p.add_argument("phase", choices=["stable", "decay"])
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--wd", type=float, default=0.1)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--warmup", type=int, default=300)
    p.add_argument("--steps", type=int, default=3000, help="length of the decay")
    p.add_argument("--until", type=int, default=10**9, help="last step of the stable phase")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--name", default="", help="prefix of the checkpoint files")
    return p.parse_args()


class Run:
    """The model, its optimiser, a running mean of the weights (for interim exports) and the step."""

    def __init__(self, o):
        torch.manual_seed(SEED)
        self.model, self.step, self.seconds = Llama(torch.bfloat16, CONTEXT), 0, 0.0
        named = list(self.model.named_parameters())
        self.optimizer = torch.optim.AdamW(
            [{"params": [p for _, p in named if p.dim() > 1], "weight_decay": o.wd},
             {"params": [p for _, p in named if p.dim() == 1], "weight_decay": 0.0}],
            lr=o.lr, betas=(0.9, 0.95), fused=True)
        self.mean = [p.detach().clone() for p in self.model.parameters()]

    def save(self, path):
        state = dict(model=self.model.state_dict(), optimizer=self.optimizer.state_dict(),
                     mean=self.mean, step=self.step, seconds=self.seconds)
        torch.save(state, f"{path}.tmp")
        os.replace(f"{path}.tmp", path)

    def load(self, path):
        state = torch.load(path)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mean, self.step, self.seconds = state["mean"], state["step"], state["seconds"]


def rate(o, step: int, decay_from: int) -> float:
    """Linear warm-up, constant, then linear to zero."""
    if o.phase == "decay":
        return o.lr * (1 - (step - decay_from) / o.steps)
    return o.lr * min(1.0, (step + 1) / o.warmup)


@torch.no_grad()
def validation_loss(loss, limit: int) -> float:
    rows = validation_rows(limit)
    return sum(loss(r).item() for r in rows.split(16)) / (len(rows) / 16)


def main():
    o = options()
    torch.set_num_threads(o.threads)
    run, stable, decayed = Run(o), RUN / f"{o.name}stable.pt", RUN / f"{o.name}decayed.pt"
    resume = decayed if o.phase == "decay" and decayed.exists() else stable
    decay_from = torch.load(stable)["step"] if o.phase == "decay" else 0
    if resume.exists():
        run.load(resume)
    last = decay_from + o.steps if o.phase == "decay" else o.until
    target = decayed if o.phase == "decay" else stable
    print(f"{vars(o)} from step {run.step}", flush=True)

    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    loss_of = torch.compile(run.model.loss, dynamic=False)
    parameters, saved, marked, total = list(run.model.parameters()), time.time(), time.time(), 0.0
    while run.step < last and not asked:
        for group in run.optimizer.param_groups:
            group["lr"] = rate(o, run.step, decay_from)
        loss = loss_of(train_batch(run.step, o.batch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        run.optimizer.step()
        run.optimizer.zero_grad(set_to_none=True)
        torch._foreach_lerp_(run.mean, [p.detach() for p in parameters], 1 - EMA)
        run.step, total = run.step + 1, total + loss.item()
        if run.step % 100 == 0:
            now = time.time()
            run.seconds += now - marked
            print(f"{time.strftime('%H:%M:%S')} step {run.step} lr {group['lr']:.2e} train {total / 100:.4f} "
                  f"{100 * o.batch * CONTEXT / (now - marked):.0f} tok/s {run.seconds:.0f} s", flush=True)
            marked, total = now, 0.0
        if run.step % EVAL_EVERY == 0:
            print(f"  validation {validation_loss(loss_of, 128):.4f}", flush=True)
        if time.time() - saved > SAVE_SECONDS:
            run.save(target)
            saved = time.time()
    run.save(target)
    print(f"saved at step {run.step}, validation {validation_loss(loss_of, 128):.4f}", flush=True)


if __name__ == "__main__":
    main()
