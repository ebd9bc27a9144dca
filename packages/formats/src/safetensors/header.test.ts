import { describe, errorOf, expect, it } from '@lowrank/testing';
import { fileName, open, safetensorsBytes } from '../../test/safetensors-file.js';

const f32 = (shape: unknown, data_offsets: unknown) => ({ dtype: 'F32', shape, data_offsets });
const whole = safetensorsBytes({ t: f32([2], [0, 8]) }, 8);
const invalidUtf8 = Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d);

describe('a safetensors header is refused', () => {
  const lies: [string, Uint8Array, RegExp][] = [
    ['in an empty file', new Uint8Array(), /at least 8 bytes, this one has 0/],
    ['in a file shorter than its length', new Uint8Array(7), /at least 8 bytes, this one has 7/],
    ['when it says more than the file has', safetensorsBytes('{}', 0, 3n), /says 3 bytes, the file has 2/],
    ['beyond 100 MB', safetensorsBytes('{}', 0, 100_000_001n), /at most 100000000 bytes/],
    ['beyond the safe integers', safetensorsBytes('{}', 0, 2n ** 64n - 1n), /at most 100000000 bytes/],
    ['of no bytes', safetensorsBytes(''), /does not start with "\{"/],
    ['that begins with a space', safetensorsBytes(' {}'), /does not start with "\{"/],
    ['that is a list', safetensorsBytes('[]'), /does not start with "\{"/],
    ['cut short', safetensorsBytes('{"t":'), /no valid JSON/],
    ['that is not UTF-8', safetensorsBytes(invalidUtf8), /not UTF-8/],
    ['with a name given twice', safetensorsBytes('{"a":{},"a":{}}'), /"a" is given twice/],
    ['with a name given twice in other spelling', safetensorsBytes('{"a":{},"\\u0061":{}}'), /"a" is given twice/],
    ['with a key given twice', safetensorsBytes('{"a":{"dtype":"F32","dtype":"F16"}}'), /"dtype" is given twice/],
    ['that nests without end', safetensorsBytes(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), /nests deeper/],
    ['with metadata that is no object', safetensorsBytes({ __metadata__: 'pt' }), /__metadata__/],
    ['with metadata that is no text', safetensorsBytes({ __metadata__: { step: 3 } }), /__metadata__/],
    ['with an entry that is null', safetensorsBytes({ t: null }), /not an object/],
    ['with an entry that is a list', safetensorsBytes({ t: [] }), /not an object/],
    ['with an unknown dtype', safetensorsBytes({ t: { ...f32([2], [0, 8]), dtype: 'F31' } }, 8), /"F31" is unknown/],
    [
      'with a dtype of the prototype',
      safetensorsBytes({ t: { ...f32([2], [0, 8]), dtype: 'toString' } }, 8),
      /unknown/,
    ],
    ['without a dtype', safetensorsBytes({ t: { shape: [2], data_offsets: [0, 8] } }, 8), /dtype nothing is unknown/],
    ['without a shape', safetensorsBytes({ t: f32(undefined, [0, 8]) }, 8), /shape is not a list of whole numbers/],
    ['with a NaN for a side', safetensorsBytes('{"t":{"dtype":"F32","shape":[NaN],"data_offsets":[0,8]}}', 8), /JSON/],
    ['with a null for a side', safetensorsBytes({ t: f32([NaN], [0, 8]) }, 8), /whole numbers/],
    ['with a negative side', safetensorsBytes({ t: f32([-2], [0, 8]) }, 8), /whole numbers/],
    ['with half a side', safetensorsBytes({ t: f32([0.5], [0, 2]) }, 2), /whole numbers/],
    ['with a side as text', safetensorsBytes({ t: f32(['2'], [0, 8]) }, 8), /whole numbers/],
    [
      'with sides that overflow',
      safetensorsBytes({ t: f32([2 ** 40, 2 ** 40], [0, 8]) }, 8),
      /no whole number of bytes/,
    ],
    ['with one offset', safetensorsBytes({ t: f32([2], [8]) }, 8), /not two whole numbers/],
    ['with a negative offset', safetensorsBytes({ t: f32([2], [-8, 0]) }, 8), /not two whole numbers/],
    ['with offsets the wrong way round', safetensorsBytes({ t: f32([2], [8, 0]) }, 8), /span -8/],
    ['with a size that its dtype denies', safetensorsBytes({ t: f32([2], [0, 4]) }, 4), /takes 8 bytes.* span 4/],
    ['with a gap at the start', safetensorsBytes({ t: f32([2], [4, 12]) }, 12), /starts at 4 where 0 is next/],
    ['with a gap', safetensorsBytes({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12), /starts at 8 where 4 is next/],
    ['with an overlap', safetensorsBytes({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, 12), /starts at 4 where 8/],
    ['with two tensors on one place', safetensorsBytes({ a: f32([1], [0, 4]), b: f32([1], [0, 4]) }, 4), /starts at 0/],
    ['with bytes that no tensor takes', safetensorsBytes({ t: f32([2], [0, 8]) }, 9), /end at byte .*, the file at/],
    ['when the file ends within a tensor', whole.subarray(0, -1), /end at byte .*, the file at/],
    [
      'with bits that fill no byte',
      safetensorsBytes({ t: { dtype: 'F4', shape: [1], data_offsets: [0, 1] } }, 1),
      /no whole/,
    ],
  ];
  for (const [name, bytes, rule] of lies) {
    it(`${name}, naming the file`, async () => {
      const error = await errorOf(() => open(bytes));
      expect(error).toMatchObject({ code: 'file-invalid', rule: expect.stringMatching(rule) });
      expect(error.given).toContain(fileName);
    });
  }
});

describe('a safetensors header is taken', () => {
  it('with tensors in any order, empty and scalar ones among them', async () => {
    const header = { b: f32([], [4, 8]), none: f32([0, 7], [4, 4]), a: f32([1, 1], [0, 4]), __metadata__: { k: 'v' } };
    const file = await open(safetensorsBytes(header, 8));
    expect([...file.tensors.keys()]).toEqual(['a', 'none', 'b']);
    expect(file.metadata).toEqual({ k: 'v' });
    expect(await file.read('none')).toEqual({ shape: [0, 7], data: new Float32Array() });
    expect((await file.read('b')).shape).toEqual([]);
  });

  it('with names that objects have already', async () => {
    const file = await open(safetensorsBytes('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1));
    expect([...file.tensors.keys()]).toEqual(['__proto__']);
    expect(await errorOf(() => file.read('toString'))).toMatchObject({ fix: 'nearest here: __proto__' });
  });

  it('with metadata of null, as MLX writes it', async () => {
    expect((await open(safetensorsBytes('{"__metadata__":null}'))).metadata).toEqual({});
  });

  it('without any tensor', async () => {
    expect((await open(safetensorsBytes('{}'))).tensors.size).toBe(0);
  });
});
