import { type Adapter, type AdapterPlan, type PlainTensor } from '@lowrank/core';
import { withRanks } from '../with-ranks.js';

/**
 * An adapter without the components whose row of B is 0, such as those that adaptive ranks have pruned: the same update,
 * with fewer parameters. Each module has its own rank then, and its old scaling; one with nothing left is no longer
 * adapted. What has more tensors than A and B keeps one component.
 *
 * @param plan what the adapter was made from
 * @throws `config-invalid` where every component of every module is 0
 */
export function compactAdapter({ tensors }: Adapter, plan: AdapterPlan): Adapter {
  const kept = new Map(plan.modules.map(({ path, rank }) => [path, keptOf(tensors, { path, rank })]));
  const { config } = withRanks(plan, new Map([...kept].map(([path, components]) => [path, components.length])));
  const compact: Adapter['tensors'] = new Map();
  for (const [name, tensor] of tensors) {
    const { path, role } = factorOf(name) ?? {};
    const components = path === undefined ? undefined : kept.get(path);
    if (!components) compact.set(name, tensor);
    else if (components.length > 0) compact.set(name, (role === 'A' ? columns : rows)(tensor, components));
  }
  return { config, tensors: compact };
}

function keptOf(tensors: Adapter['tensors'], { path, rank }: { path: string; rank: number }): number[] {
  const own = [...tensors.keys()].filter((name) => name.startsWith(`${path}.`));
  const b = tensors.get(own.find((name) => factorOf(name)?.role === 'B' && factorOf(name)?.path === path) ?? '');
  const all = Array.from({ length: rank }, (_, index) => index);
  if (!b || b.shape.at(-2) !== rank) return all; // the rank of a convolution with groups is not in one of its axes
  const out = b.shape.at(-1) as number;
  const kept = all.filter((index) => b.data.subarray(index * out, (index + 1) * out).some((value) => value !== 0));
  const besides = own.some((name) => !factorOf(name));
  return kept.length === 0 && besides ? [0] : kept;
}

function factorOf(name: string): { path: string; role: 'A' | 'B' } | undefined {
  const match = /^(.+)\.lora_(?:embedding_)?([AB])(\.weight)?$/.exec(name);
  return match ? { path: match[1] as string, role: match[2] as 'A' | 'B' } : undefined;
}

/** Of `[…, rank]`. */
function columns({ shape, data }: PlainTensor, kept: number[]): PlainTensor {
  const rank = shape.at(-1) as number;
  const picked = new Float32Array((data.length / rank) * kept.length);
  for (let at = 0; at < picked.length; at++) {
    picked[at] = data[Math.floor(at / kept.length) * rank + kept[at % kept.length]!]!;
  }
  return { shape: [...shape.slice(0, -1), kept.length], data: picked };
}

/** Of `[…, rank, out]`, whose other axes are 1. */
function rows({ shape, data }: PlainTensor, kept: number[]): PlainTensor {
  const out = shape.at(-1) as number;
  const picked = new Float32Array(kept.length * out);
  kept.forEach((row, at) => picked.set(data.subarray(row * out, (row + 1) * out), at * out));
  return { shape: [...shape.slice(0, -2), kept.length, out], data: picked };
}
