import { describe, errorOf, expect, it } from '@lowrank/testing';
import { fileSource, openSafetensors } from '@lowrank/formats';
import { golden } from '../../test/golden.js';
import { fileName, open, safetensorsBytes } from '../../test/safetensors-file.js';

/** Reads a file that holds `values`, little-endian, under `dtype`. */
async function read(dtype: string, values: ArrayBufferView & { length: number }): Promise<number[]> {
  const header = { t: { dtype, shape: [values.length], data_offsets: [0, values.byteLength] } };
  const file = safetensorsBytes(header, values.byteLength);
  file.set(new Uint8Array(values.buffer), file.length - values.byteLength);
  return Array.from((await (await open(file)).read('t')).data);
}

describe('a tensor is widened to float32', () => {
  it('from whole numbers of every size', async () => {
    expect(await read('BOOL', Uint8Array.of(0, 1))).toEqual([0, 1]);
    expect(await read('U8', Uint8Array.of(0, 255))).toEqual([0, 255]);
    expect(await read('I8', Int8Array.of(-128, 127))).toEqual([-128, 127]);
    expect(await read('U16', Uint16Array.of(65535))).toEqual([65535]);
    expect(await read('I16', Int16Array.of(-32768))).toEqual([-32768]);
    expect(await read('U32', Uint32Array.of(2 ** 24))).toEqual([2 ** 24]);
    expect(await read('I32', Int32Array.of(-(2 ** 24)))).toEqual([-(2 ** 24)]);
    expect(await read('U64', BigUint64Array.of(7n))).toEqual([7]);
    expect(await read('I64', BigInt64Array.of(-7n))).toEqual([-7]);
  });

  it('from F64 by rounding to the nearest', async () => {
    expect(await read('F64', Float64Array.of(0.1, -Infinity, 1e-60))).toEqual([Math.fround(0.1), -Infinity, 0]);
  });

  it('from each code of the 8-bit floats to what torch makes of it', async () => {
    const file = await openSafetensors(await fileSource(golden('float8/float8.safetensors')));
    for (const dtype of ['F8_E4M3', 'F8_E5M2']) {
      const [ours, theirs] = [await file.read(dtype), await file.read(`${dtype}.values`)];
      expect(Array.from(ours.data, (value) => (Object.is(value, -0) ? '-0' : value))).toEqual(
        Array.from(theirs.data, (value) => (Object.is(value, -0) ? '-0' : value)),
      );
    }
    await file.close();
  });

  it('never to another number or to infinity, and not from dtypes without a plain meaning', async () => {
    const lost = [
      await errorOf(() => read('I32', Int32Array.of(2 ** 24 + 1))),
      await errorOf(() => read('U64', BigUint64Array.of(2n ** 63n))),
      await errorOf(() => read('F64', Float64Array.of(1e39))),
      await errorOf(() => read('F8_E8M0', Uint8Array.of(1))),
    ];
    for (const error of lost) expect(error).toMatchObject({ code: 'file-invalid', given: `"t" in ${fileName}` });
    expect(lost[0]?.rule).toContain('16777217');
    expect(lost[3]?.fix).toBe('save it as F32, F16 or BF16');
  });
});
