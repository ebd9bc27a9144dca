"""A lean Llama for training: q, k, v and gate, up are one matrix each; export.py splits them.

Weights are float32; `compute` is the type that activations and matrix products use.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

HIDDEN, INTER, LAYERS, HEADS, KV_HEADS, HEAD_DIM = 256, 704, 4, 4, 2, 64
VOCAB, EPS, THETA = 2048, 1e-5, 10000.0


def rotary_table(seq: int) -> tuple[torch.Tensor, torch.Tensor]:
    """cos, sin `[1, 1, seq, headDim]`, halves laid side by side as in transformers."""
    inverse = THETA ** (-torch.arange(0, HEAD_DIM, 2).float() / HEAD_DIM)
    angle = torch.outer(torch.arange(seq).float(), inverse)
    angle = torch.cat([angle, angle], -1)[None, None]
    return angle.cos(), angle.sin()


def rotate(x, cos, sin):
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


def causal_attention(q, k, v):
    """Written out: on this CPU, compiled, it is faster than the built-in flash kernel (backward above all).

    The query heads that share a key head are laid one below the other: one matrix product for both.
    """
    batch, heads, seq, dim = q.shape
    kv, group = k.shape[1], heads // k.shape[1]
    scores = q.reshape(batch * kv, group * seq, dim) @ k.reshape(batch * kv, seq, dim).transpose(1, 2)
    scores = scores.view(batch * kv, group, seq, seq).float() * dim ** -0.5
    future = torch.ones(seq, seq, dtype=torch.bool, device=q.device).triu(1)
    weights = scores.masked_fill(future, -1e9).softmax(-1).to(q.dtype)
    return (weights.view(batch * kv, group * seq, seq) @ v.reshape(batch * kv, seq, dim)).view(batch, heads, seq, dim)


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(HIDDEN))

    def forward(self, x):
        y = x.float()
        return (y * torch.rsqrt(y.square().mean(-1, keepdim=True) + EPS) * self.weight).to(x.dtype)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        matrix = lambda out, inn, std=0.02: nn.Parameter(torch.randn(out, inn) * std)
        thin = 0.02 / math.sqrt(2 * LAYERS)
        self.norm1, self.norm2 = Norm(), Norm()
        self.qkv = matrix((HEADS + 2 * KV_HEADS) * HEAD_DIM, HIDDEN)
        self.out = matrix(HIDDEN, HEADS * HEAD_DIM, thin)
        self.gate_up = matrix(2 * INTER, HIDDEN)
        self.down = matrix(HIDDEN, INTER, thin)

    def forward(self, x, cos, sin):
        batch, seq, _ = x.shape
        heads = F.linear(self.norm1(x), self.qkv.to(x.dtype)).view(batch, seq, -1, HEAD_DIM).transpose(1, 2)
        q, k, v = heads.split([HEADS, KV_HEADS, KV_HEADS], 1)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        y = causal_attention(q, k, v)
        x = x + F.linear(y.transpose(1, 2).reshape(batch, seq, -1), self.out.to(x.dtype))
        gate, up = F.linear(self.norm2(x), self.gate_up.to(x.dtype)).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, self.down.to(x.dtype))


class Llama(nn.Module):
    def __init__(self, compute=torch.float32, context: int = 256):
        super().__init__()
        self.compute = compute
        self.embed = nn.Parameter(torch.randn(VOCAB, HIDDEN) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = Norm()
        for name, table in zip(("cos", "sin"), rotary_table(context)):
            self.register_buffer(name, table.to(compute), persistent=False)

    def forward(self, ids):
        """`[batch, seq]` -> logits `[batch, seq, vocab]`."""
        x = F.embedding(ids, self.embed).to(self.compute)
        for block in self.blocks:
            x = block(x, self.cos[:, :, :ids.shape[1]], self.sin[:, :, :ids.shape[1]])
        return F.linear(self.norm(x), self.embed.to(self.compute))

    def loss(self, ids):
        """Mean next-token cross-entropy (nats) of rows `[batch, seq + 1]`."""
        logits = self(ids[:, :-1])
        return F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
