import { describe, errorOf, expect, it } from '@lowrank/testing';
import { fileName, ggufBytes, info, joined, number, open, text, value } from '../../test/gguf-file.js';

const huge = 2n ** 63n;
const u32 = (name: string, count: number) => value(name, 4, number('u32', count));
const list = (code: number, count: number | bigint, ...items: Uint8Array[]) =>
  value('l', 9, joined(number('u32', code), number('u64', count), ...items));

describe('a GGUF header is refused', () => {
  const lies: [string, Uint8Array, RegExp][] = [
    ['in an empty file', new Uint8Array(), /ends at byte 0/],
    ['of another format', ggufBytes({ magic: 0x67676d6c }), /does not start with "GGUF"/],
    ['of version 1', ggufBytes({ version: 1 }), /version 2 or 3.* this is 1/],
    ['in big-endian order', ggufBytes({ version: 0x03000000 }), /little-endian/],
    ['with more tensors than it can hold', ggufBytes({ tensorCount: 2 }), /says 2 tensors where 8 bytes are left/],
    ['with 2^63 tensors', ggufBytes({ tensorCount: huge }), /says 9223372036854775808 tensors/],
    ['with 2^63 values', ggufBytes({ valueCount: huge }), /metadata values where 0 bytes/],
    ['cut within a value', ggufBytes({ values: [u32('a', 1)] }).subarray(0, -1), /ends at byte/],
    ['with a name of 2^40 bytes', ggufBytes({ valueCount: 1, values: [number('u64', 2n ** 40n)] }), /metadata values/],
    [
      'with a name longer than the file',
      ggufBytes({ valueCount: 1, values: [number('u64', 99), number('f32', 0), number('u32', 0)] }),
      /99 bytes of the name/,
    ],
    [
      'with a name that is not UTF-8',
      ggufBytes({ values: [value(Uint8Array.of(0xff), 4, number('u32', 1))] }),
      /UTF-8/,
    ],
    ['with a value given twice', ggufBytes({ values: [u32('a', 1), u32('a', 1)] }), /"a" is given twice/],
    ['with a type of value that is none', ggufBytes({ values: [value('a', 13, number('u32', 1))] }), /type 13/],
    ['with a truth of 2', ggufBytes({ values: [value('a', 7, number('u8', 2))] }), /"a" is 2 where/],
    [
      'with a list in a list',
      ggufBytes({ values: [list(9, 1, number('u32', 4), number('u64', 0))] }),
      /list of type 9/,
    ],
    ['with a list of 2^63 numbers', ggufBytes({ values: [list(10, huge)] }), /says 9223372036854775808 values/],
    [
      'with a list longer than the file',
      ggufBytes({ values: [list(4, 3, number('u64', 0))] }),
      /3 values of .* 8 bytes/,
    ],
    ['with texts longer than the file', ggufBytes({ values: [list(8, 2, text(''))] }), /2 texts of .* 8 bytes/],
    ['with an alignment of 0', ggufBytes({ values: [u32('general.alignment', 0)] }), /power of two/],
    ['with an alignment of 24', ggufBytes({ values: [u32('general.alignment', 24)] }), /power of two/],
    ['with a text as alignment', ggufBytes({ values: [value('general.alignment', 8, text('32'))] }), /power of two/],
    [
      'with a tensor given twice',
      ggufBytes({ infos: [info('t', [1]), info('t', [1], 0, 32)], dataBytes: 64 }),
      /"t" is given twice/,
    ],
    ['with a tensor of five sides', ggufBytes({ infos: [info('t', [1, 1, 1, 1, 1])], dataBytes: 4 }), /5 sides/],
    [
      'with a type that lowrank lacks',
      ggufBytes({ infos: [info('t', [256], 16)], dataBytes: 66 }),
      /type 16; lowrank reads/,
    ],
    [
      'with rows that fill no block',
      ggufBytes({ infos: [info('t', [16, 2], 2)], dataBytes: 18 }),
      /rows of 16; Q4_0 packs 32/,
    ],
    ['with sides that overflow', ggufBytes({ infos: [info('t', [2n ** 40n, 2n ** 40n])], dataBytes: 4 }), /too large/],
    ['with a side beyond the safe integers', ggufBytes({ infos: [info('t', [0, huge])], dataBytes: 0 }), /too large/],
    [
      'with a tensor that leaves the file',
      ggufBytes({ infos: [info('t', [3])], dataBytes: 8 }),
      /"t" ends at byte .*, the file at/,
    ],
    [
      'with a first tensor out of place',
      ggufBytes({ infos: [info('t', [1], 0, 32)], dataBytes: 64 }),
      /starts at 32 where 0 is next/,
    ],
    [
      'with an offset beyond everything',
      ggufBytes({ infos: [info('t', [1], 0, huge)], dataBytes: 64 }),
      /starts at 9223/,
    ],
    [
      'with an offset off the alignment',
      ggufBytes({ infos: [info('a', [1]), info('b', [1], 0, 4)], dataBytes: 64 }),
      /starts at 4 where 32/,
    ],
    [
      'with an overlap',
      ggufBytes({ infos: [info('a', [9]), info('b', [1], 0, 32)], dataBytes: 96 }),
      /starts at 32 where 64/,
    ],
    [
      'with a gap',
      ggufBytes({ infos: [info('a', [1]), info('b', [1], 0, 64)], dataBytes: 96 }),
      /starts at 64 where 32/,
    ],
    [
      'with bytes that no tensor takes',
      ggufBytes({ infos: [info('a', [1])], dataBytes: 33 }),
      /end at byte .*, the file at/,
    ],
  ];
  for (const [name, bytes, rule] of lies) {
    it(`${name}, naming the file`, async () => {
      const error = await errorOf(() => open(bytes));
      expect(error).toMatchObject({ code: 'file-invalid', given: fileName, rule: expect.stringMatching(rule) });
    });
  }
});

describe('a GGUF header is taken', () => {
  it('with tensors of no, one and four sides, slowest first', async () => {
    const infos = [info('none', [0, 7]), info('one', []), info('four', [1, 2, 3, 4], 1, 32)];
    const file = await open(ggufBytes({ infos, dataBytes: 80 }));
    expect([...file.tensors.values()].map(({ shape }) => shape)).toEqual([[7, 0], [], [4, 3, 2, 1]]);
    expect(await file.read('none')).toEqual({ shape: [7, 0], data: new Float32Array() });
    expect(await file.read('four')).toEqual({ shape: [4, 3, 2, 1], data: new Float32Array(24) });
    expect(await errorOf(() => file.read('fuor'))).toMatchObject({ fix: 'nearest here: four, none, one' });
  });

  it('with an alignment of its own, filled up after its last tensor or not', async () => {
    const values = [u32('general.alignment', 64)];
    const infos = [info('a', [1]), info('b', [1], 0, 64)];
    for (const dataBytes of [68, 128]) {
      const header = ggufBytes({ values, infos });
      const bytes = new Uint8Array(Math.ceil(header.length / 64) * 64 + dataBytes);
      bytes.set(header);
      expect((await open(bytes)).tensors.size).toBe(2);
    }
  });

  it('when it is longer than the first read', async () => {
    const words = Array.from({ length: 9000 }, (_, index) => text(`word${index}`));
    const file = await open(ggufBytes({ values: [list(8, words.length, ...words), u32('after', 7)] }));
    expect(file.metadata.get('l')).toHaveLength(9000);
    expect(file.metadata.get('after')).toBe(7);
  });

  it('without tensors or values, in version 2 as in 3', async () => {
    for (const version of [2, 3]) expect((await open(ggufBytes({ version }))).tensors.size).toBe(0);
  });
});
