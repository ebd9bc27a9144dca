import type { BlockFormat } from '@lowrank/core';
import { packedValue } from './packed-value.js';
import { wgsl, type Shader } from './shader.js';

/** How a factor of a product lies in memory: as it is meant, across, or a packed weight stored by outputs. */
export type Lie = 'plain' | 'across' | { format: BlockFormat; block: number; across: boolean };

/** All that makes one product's shader differ from another's. */
export interface MatMulKind {
  left: 'plain' | 'across';
  right: Lie;
  /** A second product with a short inner side, added to the first: how its right factor lies. */
  extra: 'plain' | 'across' | undefined;
  bias: boolean;
  tile: Tile;
}

/** Which outputs a workgroup makes: many rows and columns, or few of one where the matrix is narrow. */
export type Tile = keyof typeof tiles;

/** Rows and columns that each of 16 x 16 lanes makes. */
const tiles = { square: [4, 4], tall: [4, 1], wide: [1, 4] } as const;

/** Rows and columns of a tile. */
export function tileSize(tile: Tile): [rows: number, columns: number] {
  return [tiles[tile][0] * 16, tiles[tile][1] * 16];
}

/** Of the inner side, what is in shared memory at once. */
const depth = 16;

/**
 * `result = (left right + left2 right2) · scale + bias`. Each workgroup brings tiles of both factors into shared
 * memory, `depth` of the inner side at a time, and each lane keeps its outputs in registers. A short second product
 * goes into the same registers. `cell.z` numbers the runs of `span` along the inner side, each with a result of its own.
 */
export function matMulShader(kind: MatMulKind): Shader {
  const { left, right, extra, bias, tile } = kind;
  const packed = typeof right === 'object';
  const [height, width] = tileSize(tile);
  const across = packed ? right.across : right === 'across';
  const rightAt = packed
    ? `packedValue(${across ? 'c, k' : 'k, c'})`
    : across
      ? 'right[c * n.inner + k]'
      : 'right[k * n.columns + c]';
  const first = loop(kind, {
    from: 'cell.z * n.span',
    to: 'min(n.inner, cell.z * n.span + n.span)',
    left: {
      across: left === 'across',
      at: left === 'across' ? 'left[k * n.rows + m]' : 'left[m * n.leftStride + n.leftFrom + k]',
    },
    right: { across, at: rightAt },
  });
  const second =
    extra &&
    loop(kind, {
      from: '0u',
      to: 'n.inner2',
      left: { across: false, at: 'left2[(n.firstRow + m) * n.inner2 + k]' },
      right: {
        across: extra === 'across',
        at: extra === 'across' ? 'right2[(n.outFrom + c) * n.inner2 + k]' : 'right2[k * n.outStride + n.outFrom + c]',
      },
    });
  const lie = packed ? `${right.format}-${right.block}${across ? '-across' : ''}` : right;
  return {
    name: `mat-mul ${[left, lie, extra ?? 'alone', bias ? 'bias' : 'bare', tile].join(' ')}`,
    inputs: {
      left: 'float32',
      ...(packed ? { packed: 'int32', scales: 'float32' } : { right: 'float32' }),
      ...(extra && { left2: 'float32', right2: 'float32' }),
      ...(bias && { bias: 'float32' }),
    },
    outputs: ['result'],
    sizes: matMulSizes,
    factors: ['scale'],
    declarations: wgsl`
var<workgroup> leftTile: array<f32, ${depth * (height + 1)}>;
var<workgroup> rightTile: array<f32, ${depth * (width + 1)}>;
${packed ? packedValue(right.format, right.block) : ''}`,
    body: wgsl`
  let tx = lane % 16;
  let ty = lane / 16;
  let top = cell.y * ${height};
  let side = cell.x * ${width};
  ${each(tile, (i, j) => `var sum${i}${j} = 0.0;`)}
  ${first}
  ${second ?? ''}
  ${each(
    tile,
    (i, j) => `{
    let m = top + ty * ${tiles[tile][0]} + ${i};
    let c = side + tx + ${16 * j};
    if (m < n.rows && c < n.columns) {
      let at = cell.z * n.rows * n.columns + m * n.outStride + n.outFrom + c;
      var before = 0.0;
      if (n.goOn == 1) { before = result[at]; }
      result[at] = before + sum${i}${j} * n.scale${bias ? ' + bias[n.outFrom + c]' : ''};
    }
  }`,
  )}
`,
  };
}

/** In this order; see `matMul` for what they are. */
export const matMulSizes = [
  'rows',
  'inner',
  'columns',
  'leftStride',
  'leftFrom',
  'outStride',
  'outFrom',
  'firstRow',
  'inner2',
  'span',
  'goOn',
  'words',
  'blocks',
];

interface Walk {
  from: string;
  to: string;
  /** WGSL for the value at row m (or column c) and inner index k; `across` where neighbours in memory differ in k. */
  left: { across: boolean; at: string };
  right: { across: boolean; at: string };
}

/** Walks along the inner side. Lanes load neighbours in memory, and the tiles' odd strides keep their banks apart. */
function loop({ tile }: MatMulKind, { from, to, left, right }: Walk): string {
  const [height, width] = tileSize(tile);
  const [tall, broad] = tiles[tile];
  const load = (
    target: string,
    size: number,
    alongInner: boolean,
    side: string,
    first: string,
    most: string,
    at: string,
  ) =>
    Array.from({ length: (size * depth) / 256 }, (_, part) => {
      const index = `(lane + ${256 * part}u)`;
      const [inner, outer] = alongInner
        ? [`${index} % ${depth}`, `${index} / ${depth}`]
        : [`${index} / ${size}`, `${index} % ${size}`];
      return `{
      let i = ${inner};
      let o = ${outer};
      let k = k0 + i;
      let ${side} = ${first} + o;
      var value = 0.0;
      if (k < end && ${side} < ${most}) { value = ${at}; }
      ${target}[i * ${size + 1} + o] = value;
    }`;
    }).join('\n');
  return wgsl`{
  let end = ${to};
  for (var k0 = ${from}; k0 < end; k0 += ${depth}u) {
    ${load('leftTile', height, !left.across, 'm', 'top', 'n.rows', left.at)}
    ${load('rightTile', width, right.across, 'c', 'side', 'n.columns', right.at)}
    workgroupBarrier();
    for (var k = 0u; k < ${depth}u; k++) {
      ${Array.from({ length: tall }, (_, i) => `let l${i} = leftTile[k * ${height + 1} + ty * ${tall} + ${i}];`).join('\n')}
      ${Array.from({ length: broad }, (_, j) => `let r${j} = rightTile[k * ${width + 1} + tx + ${16 * j}];`).join('\n')}
      ${each(tile, (i, j) => `sum${i}${j} = fma(l${i}, r${j}, sum${i}${j});`)}
    }
    workgroupBarrier();
  }
  }`;
}

function each(tile: Tile, of: (i: number, j: number) => string): string {
  const [tall, broad] = tiles[tile];
  return Array.from({ length: tall * broad }, (_, index) => of(Math.floor(index / broad), index % broad)).join('\n');
}
