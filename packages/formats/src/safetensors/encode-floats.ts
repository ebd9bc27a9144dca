import { LowrankError, narrowToBf16, narrowToF16, type PlainTensor } from '@lowrank/core/plan';
import type { FloatDtype } from './dtype.js';

/**
 * A tensor's little-endian bytes. F32 keeps every bit and shares the tensor's memory.
 * Throws `shape-mismatch` when shape and data disagree, `not-finite` when a finite value overflows `dtype`.
 */
export function encodeFloats(name: string, { shape, data }: PlainTensor, dtype: FloatDtype): Uint8Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== data.length) {
    throw new LowrankError('shape-mismatch', {
      given: `tensor "${name}" of shape [${shape.join(', ')}] with ${data.length} values`,
      rule: 'shape and values must agree',
      fix: 'give each tensor its own shape',
    });
  }
  if (dtype === 'F32') return bytesOf(data);
  const codes = dtype === 'F16' ? narrowToF16(data) : narrowToBf16(data);
  refuseOverflow(name, data, codes, dtype);
  return bytesOf(codes);
}

function refuseOverflow(name: string, values: Float32Array, codes: Uint16Array, dtype: 'F16' | 'BF16'): void {
  const infinity = dtype === 'F16' ? 0x7c00 : 0x7f80;
  const index = codes.findIndex((code, at) => (code & 0x7fff) === infinity && Number.isFinite(values[at]));
  if (index === -1) return;
  throw new LowrankError('not-finite', {
    given: `tensor "${name}" holds ${values[index]} at ${index}`,
    rule: `it would be infinite in ${dtype}`,
    fix: dtype === 'F16' ? 'write BF16 or F32' : 'write F32',
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
