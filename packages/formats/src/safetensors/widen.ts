import { LowrankError, widenBf16, widenF16, type PlainTensor } from '@lowrank/core/plan';
import type { Dtype } from './dtype.js';
import { widenFloat8 } from './float8.js';
import type { StoredTensor } from './stored-tensor.js';

/** A stored tensor in float32, by `widen`. */
export function widened(given: string, { dtype, shape, bytes }: StoredTensor): PlainTensor {
  return { shape, data: widen(given, dtype, bytes) };
}

/**
 * Little-endian elements as float32 (F64 rounds to nearest).
 * Throws `file-invalid` for dtypes without a plain float32 meaning (block scales F8_E8M0, other F8, F6, F4, C64), for integers beyond 2^24,
 * which float32 would change, and for finite F64 beyond float32's range.
 *
 * @param given what messages call the tensor
 */
export function widen(given: string, dtype: Dtype, bytes: Uint8Array): Float32Array {
  const buffer = aligned(bytes);
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return widenF16(new Uint16Array(buffer));
    case 'BF16':
      return widenBf16(new Uint16Array(buffer));
    case 'F64':
      return rounded(given, new Float64Array(buffer));
    case 'F8_E4M3':
    case 'F8_E5M2':
      return widenFloat8(dtype, new Uint8Array(buffer));
    case 'BOOL':
    case 'U8':
      return new Float32Array(new Uint8Array(buffer));
    case 'I8':
      return new Float32Array(new Int8Array(buffer));
    case 'U16':
      return new Float32Array(new Uint16Array(buffer));
    case 'I16':
      return new Float32Array(new Int16Array(buffer));
    case 'U32':
      return exact(given, new Uint32Array(buffer));
    case 'I32':
      return exact(given, new Int32Array(buffer));
    case 'U64':
      return exact(given, new BigUint64Array(buffer));
    case 'I64':
      return exact(given, new BigInt64Array(buffer));
    default:
      throw new LowrankError('file-invalid', {
        given,
        rule: `lowrank does not read ${dtype}`,
        fix: 'save it as F32, F16 or BF16',
      });
  }
}

/** The bytes as a buffer of their own length, copied only when they are a part of a larger one. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const own = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return (own ? bytes.buffer : new Uint8Array(bytes).buffer) as ArrayBuffer;
}

function rounded(given: string, doubles: Float64Array): Float32Array {
  return Float32Array.from(doubles, (double) => {
    const value = Math.fround(double);
    if (Number.isFinite(value) || !Number.isFinite(double)) return value;
    throw new LowrankError('file-invalid', {
      given,
      rule: `${double} would be infinite in float32`,
      fix: 'keep values within 3.4e38',
    });
  });
}

function exact(given: string, integers: ArrayLike<number | bigint>): Float32Array {
  return Float32Array.from(integers, (integer) => {
    const value = Number(integer);
    if (Math.abs(value) <= 2 ** 24) return value;
    throw new LowrankError('file-invalid', {
      given,
      rule: `${integer} does not fit float32 exactly`,
      fix: 'keep whole numbers within 2^24',
    });
  });
}
