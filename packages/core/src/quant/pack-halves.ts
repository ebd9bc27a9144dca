import { LowrankError } from '../errors/lowrank-error.js';
import type { HalfFormat } from './block-format.js';
import { narrowToBf16, narrowToF16 } from './half.js';
import type { PackedRows } from './pack-rows.js';

/**
 * Rounds each value to the nearest of 16 bits, ties to even: what a checkpoint had in that format stays to the bit.
 *
 * @param values `[rows, columns]`
 * @throws `not-finite` for such a value, and for one too large for the format
 */
export function packHalves(
  values: Float32Array,
  [rows, columns]: [rows: number, columns: number],
  format: HalfFormat,
  block: number,
): PackedRows {
  const blocks = Math.ceil(columns / block);
  const packed = new Int32Array((rows * blocks * block) / 2);
  const codes = new Uint16Array(packed.buffer);
  for (let row = 0; row < rows; row++) {
    const from = values.subarray(row * columns, (row + 1) * columns);
    const narrowed = format === 'f16' ? narrowToF16(from) : narrowToBf16(from);
    const bad = narrowed.findIndex((code) => (code & infinity[format]) === infinity[format]);
    if (bad >= 0) throw notHeld(from[bad] as number, row, format);
    codes.set(narrowed, row * blocks * block);
  }
  return { packed, scales: new Float32Array(rows * blocks).fill(1) };
}

/** The exponent's bits, all of them set only in infinities and NaNs. */
const infinity: Record<HalfFormat, number> = { f16: 0x7c00, bf16: 0x7f80 };

function notHeld(value: number, row: number, format: HalfFormat): LowrankError {
  const finite = Number.isFinite(value);
  return new LowrankError('not-finite', {
    given: `${value} in row ${row} of a weight`,
    rule: finite ? `it is too large for ${format}` : 'only finite values can be packed',
    fix: finite ? 'take bf16 or int8, or load it unpacked' : 'take a checkpoint that is whole, or load it unpacked',
  });
}
