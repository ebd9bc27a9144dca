import { BlockWeight } from '@lowrank/core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { activeGpu, emptyTensor, type Gpu } from './gpu.js';
import { matMulShader, matMulSizes, tileSize, type Lie, type MatMulKind, type Tile } from './mat-mul-shader.js';
import { rowChunks, type RowChunk } from './row-chunks.js';
import { run, type Part } from './run.js';
import type { Shader } from './shader.js';
import { sumParts } from './sum-parts.js';

export interface Product {
  /** `[rows, inner]`, or `[inner, rows]` with `leftAcross`. */
  left: Tensor2D;
  leftAcross?: boolean;
  /** `[inner, columns]`, or `[columns, inner]` with `rightAcross`; a packed weight is `[inner, columns]` of itself. */
  right: Tensor2D | BlockWeight;
  rightAcross?: boolean;
  /** A second product, added: `left` `[rows, rank]`, `right` `[rank, columns]`, or `[columns, rank]` with `across`. */
  extra?: { left: Tensor2D; right: Tensor2D; across: boolean } | undefined;
  /** `[columns]` */
  bias?: Tensor1D | undefined;
  scale?: number;
}

/**
 * `(left right + extra) · scale + bias` in one run, `[rows, columns]`, owned by the scope that is open. More runs only
 * where a matrix is larger than one binding, or where few outputs have a long inner side, which then is cut and summed.
 */
export function matMul(product: Product): Tensor2D {
  const gpu = activeGpu();
  const sizes = sizesOf(product);
  const { rows, inner, columns } = sizes;
  const splits = splitsOf(product, sizes);
  if (splits > 1) {
    const parts = emptyTensor(gpu, [splits, rows, columns]);
    launch(product, sizes, { ...whole(sizes), span: Math.ceil(inner / splits / 16) * 16 }, parts);
    return sumParts(parts, [rows, columns]);
  }
  const result = emptyTensor(gpu, [rows, columns]) as Tensor2D;
  for (const piece of pieces(gpu, product, sizes)) launch(product, sizes, piece, result);
  return result;
}

interface Sizes {
  rows: number;
  inner: number;
  columns: number;
}

function sizesOf({ left, leftAcross, right, rightAcross }: Product): Sizes {
  const [rows, inner] = leftAcross ? [left.shape[1], left.shape[0]] : left.shape;
  return { rows, inner, columns: rightAcross ? right.shape[0] : right.shape[1] };
}

/** One run's share of a product. */
interface Piece {
  rows: RowChunk;
  inner: RowChunk;
  columns: RowChunk;
  span: number;
}

function whole({ rows, inner, columns }: Sizes): Piece {
  const all = (length: number) => ({ from: 0, length });
  return { rows: all(rows), inner: all(inner), columns: all(columns), span: inner };
}

/** Cuts by rows of the result, and by rows of the right factor as it lies: its columns, or the inner side. */
function* pieces(gpu: Gpu, { leftAcross, right, rightAcross }: Product, sizes: Sizes): Generator<Piece> {
  const one = whole(sizes);
  const rowCuts = leftAcross ? [one.rows] : rowChunks(gpu, sizes.rows, sizes.inner, sizes.columns);
  const rightCuts = right instanceof BlockWeight ? undefined : rowChunks(gpu, ...right.shape);
  for (const rows of rowCuts) {
    if (!rightCuts) yield { ...one, rows };
    else if (rightAcross) for (const columns of rightCuts) yield { ...one, rows, columns };
    else for (const inner of rightCuts) yield { ...one, rows, inner, span: inner.length };
  }
}

/** Enough workgroups to keep a device busy, where there are few outputs. */
function splitsOf({ extra, bias, leftAcross }: Product, sizes: Sizes): number {
  if (extra || bias) return 1;
  const [height, width] = tileSize(tileOf(sizes));
  const groups = Math.ceil(sizes.rows / height) * Math.ceil(sizes.columns / width);
  const wanted = Math.floor(128 / groups);
  const possible = Math.floor(sizes.inner / (leftAcross ? 128 : 256));
  const few = sizes.rows * sizes.columns <= 1 << 20;
  return few ? Math.max(1, Math.min(wanted, possible)) : 1;
}

function tileOf({ rows, columns }: Sizes): Tile {
  return columns <= 16 ? 'tall' : rows <= 16 ? 'wide' : 'square';
}

function launch(product: Product, sizes: Sizes, piece: Piece, result: Tensor): void {
  const { left, leftAcross = false, right, rightAcross = false, extra, bias, scale = 1 } = product;
  const first = piece.inner.from === 0;
  const tile = tileOf(sizes);
  const kind: MatMulKind = {
    left: leftAcross ? 'across' : 'plain',
    right: lieOf(right, rightAcross),
    extra: first && extra ? (extra.across ? 'across' : 'plain') : undefined,
    bias: first && bias !== undefined,
    tile,
  };
  const { rows, inner, columns } = piece;
  const told: Record<string, number> = {
    rows: rows.length,
    inner: inner.length,
    columns: columns.length,
    leftStride: sizes.inner,
    leftFrom: inner.from,
    outStride: sizes.columns,
    outFrom: columns.from,
    firstRow: rows.from,
    inner2: extra ? extra.left.shape[1] : 0,
    span: piece.span,
    goOn: first ? 0 : 1,
    words: right instanceof BlockWeight ? right.packed.shape[1] : 0,
    blocks: right instanceof BlockWeight ? right.scales.shape[1] : 0,
  };
  const [height, width] = tileSize(tile);
  run(shaderOf(kind), {
    inputs: [
      leftAcross ? left : cut(left, rows, sizes.inner),
      ...(right instanceof BlockWeight
        ? [right.packed, right.scales]
        : [cut(right, rightAcross ? columns : inner, right.shape[1])]),
      ...(kind.extra && extra ? [extra.left, extra.right] : []),
      ...(kind.bias && bias ? [bias] : []),
    ],
    outputs: [result.rank === 3 ? { tensor: result, from: 0, length: result.size } : cut(result, rows, sizes.columns)],
    numbers: [...matMulSizes.map((name) => told[name] as number), scale],
    groups: [Math.ceil(columns.length / width), Math.ceil(rows.length / height), Math.ceil(inner.length / piece.span)],
  });
}

/** A packed weight lies by its columns, so as a matrix that is meant it lies across. */
function lieOf(right: Product['right'], across: boolean): Lie {
  if (right instanceof BlockWeight) return { format: right.format, block: right.block, across: !across };
  return across ? 'across' : 'plain';
}

function cut(tensor: Tensor, { from, length }: RowChunk, width: number): Part {
  return { tensor, from: from * width, length: length * width };
}

const shaders = new Map<string, Shader>();

function shaderOf(kind: MatMulKind): Shader {
  const key = JSON.stringify(kind);
  const shader = shaders.get(key) ?? matMulShader(kind);
  shaders.set(key, shader);
  return shader;
}
