import { LowrankError } from '../errors/lowrank-error.js';
import { bitsOf, codebooks, isHalf, type BlockFormat, type CodedFormat } from './block-format.js';
import { packHalves } from './pack-halves.js';

export interface PackedRows {
  packed: Int32Array;
  scales: Float32Array;
}

/**
 * Quantises each block of each row to the nearest codes under its own scale. int8: `max|x| / 127`. nf4: `max|x|`.
 * q4: the value of greatest size over -8, as llama.cpp's Q4_0. f16 and bf16 have no scale but 1; see `packHalves`.
 *
 * @param values `[rows, columns]`
 * @throws `not-finite`, `shape-mismatch`, `config-invalid`
 */
export function packRows(
  values: Float32Array,
  [rows, columns]: [rows: number, columns: number],
  format: BlockFormat,
  block: number,
): PackedRows {
  requireWhole(values.length, [rows, columns], block);
  if (isHalf(format)) return packHalves(values, [rows, columns], format, block);
  const blocks = Math.ceil(columns / block);
  const bits = bitsOf(format);
  const packed = new Int32Array((rows * blocks * block * bits) / 32);
  const scales = new Float32Array(rows * blocks);
  const codeOf = coders[format];
  const zero = codeOf(0, 0);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let from = 0; from < columns; from += block, at++) {
      const part = values.subarray(row * columns + from, row * columns + Math.min(columns, from + block));
      const scale = Math.fround(scaleOf[format](extreme(part, row)));
      scales[at] = scale;
      const inverse = scale === 0 ? 0 : 1 / scale;
      for (let index = 0; index < block; index++) {
        const code = index < part.length ? codeOf(part[index] as number, inverse) : zero;
        const bit = (at * block + index) * bits;
        packed[bit >> 5]! |= code << (bit & 31);
      }
    }
  }
  return { packed, scales };
}

function requireWhole(count: number, [rows, columns]: [rows: number, columns: number], block: number): void {
  if (count !== rows * columns) {
    throw new LowrankError('shape-mismatch', {
      given: `${count} values for a weight of [${rows}, ${columns}]`,
      rule: `there must be ${rows * columns}`,
      fix: 'give the shape as it is stored, [out, in]',
    });
  }
  if (Number.isInteger(block) && block > 0 && block % 8 === 0) return;
  throw new LowrankError('config-invalid', {
    given: `blocks of ${block} values`,
    rule: 'a block is a positive multiple of 8, for whole words',
    fix: 'give 64, or 32 for smaller errors',
  });
}

/** The value of greatest size. */
function extreme(values: Float32Array, row: number): number {
  let found = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw new LowrankError('not-finite', {
        given: `${value} in row ${row} of a weight`,
        rule: 'only finite values can be quantised',
        fix: 'take a checkpoint that is whole, or load it unquantised',
      });
    }
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

const scaleOf: Record<CodedFormat, (extreme: number) => number> = {
  int8: (extreme) => Math.abs(extreme) / 127,
  nf4: (extreme) => Math.abs(extreme),
  q4: (extreme) => extreme / -8,
};

const coders: Record<CodedFormat, (value: number, inverse: number) => number> = {
  int8: (value, inverse) => clamp(Math.round(value * inverse), -127, 127) & 255,
  nf4: (value, inverse) => nearest(value * inverse),
  q4: (value, inverse) => clamp(Math.round(value * inverse), -8, 7) + 8,
};

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Midpoints between NF4's values, each the border of two codes. */
const borders = /* @__PURE__ */ midpoints();

function midpoints(): Float32Array {
  const codes = codebooks.nf4;
  return codes.subarray(1).map((value, index) => (value + (codes[index] as number)) / 2);
}

function nearest(value: number): number {
  let code = 0;
  while (code < 15 && value > (borders[code] as number)) code++;
  return code;
}
