import { bitsOf, blockOf, type ModuleInfo } from '@lowrank/core/plan';
import type { Packing } from './packing.js';

/** A module of a family as plain data, from a config alone: what its tensors are called and how large they are. */
export type ModuleSpec =
  | { path: string; kind: 'embedding'; vocab: number; hidden: number }
  | { path: string; kind: 'norm'; hidden: number; epsilon: number }
  | { path: string; kind: 'layer-norm'; hidden: number; epsilon: number }
  | LinearSpec
  | { path: string; kind: 'tied-head'; in: number; out: number; table: string };

export interface LinearSpec {
  path: string;
  kind: 'linear';
  in: number;
  out: number;
  bias: boolean;
  head?: boolean;
  /** A task brings it: a base that becomes a classifier may lack it. */
  task?: boolean;
  /** A model may do without it: where its files hold nothing of it, it is left out. */
  optional?: boolean;
  /** Its weight lies `[in, out]` in files, as that of a Conv1D does; else `[out, in]`. */
  fanInFanOut?: boolean;
}

/** The tensors of a module: Hugging Face's names and the shapes that they have in its files. */
export function tensorsOf(spec: ModuleSpec): { name: string; shape: number[] }[] {
  const name = `${spec.path}.weight`;
  switch (spec.kind) {
    case 'embedding':
      return [{ name, shape: [spec.vocab, spec.hidden] }];
    case 'norm':
      return [{ name, shape: [spec.hidden] }];
    case 'layer-norm':
      return [
        { name, shape: [spec.hidden] },
        { name: `${spec.path}.bias`, shape: [spec.hidden] },
      ];
    case 'linear': {
      const bias = spec.bias ? [{ name: `${spec.path}.bias`, shape: [spec.out] }] : [];
      const shape = spec.fanInFanOut ? [spec.in, spec.out] : [spec.out, spec.in];
      return [{ name, shape }, ...bias];
    }
    case 'tied-head':
      return [];
    default:
      return spec satisfies never;
  }
}

/**
 * A module as planners see it; bytes are those that it takes in memory.
 *
 * @param packingOf how the matrix of a name is packed; undefined for float32
 */
export function infoOf(
  spec: ModuleSpec,
  packingOf: (name: string) => Packing | undefined = () => undefined,
): ModuleInfo {
  const tensors = tensorsOf(spec);
  const parameters = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const turned = spec.kind === 'linear' && spec.fanInFanOut;
  const bytes = tensors.reduce(
    (sum, { name, shape }) => sum + bytesOf(turned ? shape.toReversed() : shape, packingOf(name)),
    0,
  );
  const { path, kind } = spec;
  const info: ModuleInfo = { path, kind, parameters, bytes };
  if (spec.kind === 'linear' && spec.fanInFanOut) info.fanInFanOut = true;
  if (spec.kind === 'linear' || spec.kind === 'tied-head') Object.assign(info, { in: spec.in, out: spec.out });
  if (spec.kind === 'tied-head') info.table = spec.table;
  if (spec.kind === 'embedding') Object.assign(info, { in: spec.vocab, out: spec.hidden });
  if (spec.kind === 'layer-norm' || (spec.kind === 'linear' && spec.bias)) info.bias = true;
  if (spec.kind === 'tied-head' || (spec.kind === 'linear' && spec.head)) info.head = true;
  return info;
}

const sizeOf = (shape: number[]) => shape.reduce((product, side) => product * side, 1);

/** Matrices are packed row by row in whole blocks, each with a float32 scale; vectors stay float32. */
function bytesOf(shape: number[], packing: Packing | undefined): number {
  const [rows, columns] = shape;
  if (packing === undefined || rows === undefined || columns === undefined) return 4 * sizeOf(shape);
  const { format, block = blockOf(format, columns) } = packing;
  return rows * Math.ceil(columns / block) * ((block * bitsOf(format)) / 8 + 4);
}
