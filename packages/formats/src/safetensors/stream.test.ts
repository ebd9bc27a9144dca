import type { PlainTensor } from '@lowrank/core';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import {
  encodeSafetensors,
  streamSafetensors,
  streamSink,
  writeFolder,
  type ByteSink,
  type LazyTensor,
} from '@lowrank/formats';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canFillDisk, onAFullDisk } from '../../test/on-a-full-disk.js';

const values: [string, PlainTensor][] = [
  ['b', { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }],
  ['a', { shape: [], data: Float32Array.of(0.5) }],
  ['c', { shape: [0, 4], data: new Float32Array() }],
];

const lazy = (tensors: [string, PlainTensor][], onRead = (_name: string) => {}): Map<string, LazyTensor> =>
  new Map(
    tensors.map(([name, tensor]) => [name, { shape: tensor.shape, read: async () => (onRead(name), tensor) }] as const),
  );

/** A sink that notes what is done to it. */
function notingSink(log: string[]): Pick<ByteSink, 'write'> & { bytes(): Uint8Array } {
  const parts: Uint8Array[] = [];
  return {
    write: async (bytes) => {
      log.push(`write ${bytes.length}`);
      parts.push(bytes.slice());
    },
    bytes: () => Buffer.concat(parts),
  };
}

describe('streamSafetensors', () => {
  for (const dtype of ['F32', 'F16', 'BF16'] as const) {
    it(`gives the bytes that are encoded at once in ${dtype}`, async () => {
      const sink = notingSink([]);
      const options = { dtype, metadata: { format: 'pt' } };
      await streamSafetensors(sink, lazy(values), options);
      expect(Buffer.from(sink.bytes())).toEqual(Buffer.from(encodeSafetensors(new Map(values), options)));
    });
  }

  it('writes the header before it reads, and each tensor before it reads the next', async () => {
    const log: string[] = [];
    await streamSafetensors(
      notingSink(log),
      lazy(values, (name) => log.push(`read ${name}`)),
    );
    expect(log).toEqual([
      expect.stringMatching(/^write \d+$/),
      'read a',
      'write 4',
      'read b',
      'write 24',
      'read c',
      'write 0',
    ]);
  });

  it('refuses a tensor that is read in another shape than was said, and leaves no file', () =>
    withFolder(async (folder) => {
      const tensors = new Map([...lazy(values), ['d', { shape: [7], read: async () => values[0]![1] }] as const]);
      const files = new Map([['x.safetensors', (sink: Pick<ByteSink, 'write'>) => streamSafetensors(sink, tensors)]]);
      const error = await errorOf(() => writeFolder(join(folder, 'out'), files));
      expect(error).toMatchObject({ code: 'shape-mismatch', given: expect.stringContaining('"d"') });
      expect(await readdir(folder)).toEqual([]);
    }));

  it.runIf(canFillDisk)('leaves nothing on a disk that is full midway', () =>
    withFolder(async (folder) => {
      const large: [string, PlainTensor][] = ['x', 'y', 'z'].map((name) => [
        name,
        { shape: [4096], data: new Float32Array(4096) },
      ]);
      const read: string[] = [];
      const files = new Map([
        [
          'x.safetensors',
          (sink: Pick<ByteSink, 'write'>) =>
            streamSafetensors(
              sink,
              lazy(large, (name) => void read.push(name)),
            ),
        ],
      ]);
      await onAFullDisk(20_000, async () => {
        expect(await errorOf(() => writeFolder(folder, files))).toMatchObject({
          code: 'file-unwritable',
          given: join(folder, 'x.safetensors'),
        });
      });
      expect(read).toEqual(['x', 'y']);
      expect(await readdir(folder)).toEqual([]);
    }),
  );
});

describe('streamSink', () => {
  const collecting = (log: (string | number[])[], flaw?: string) =>
    new WritableStream<Uint8Array>({
      write: (bytes) => {
        if (flaw) throw new Error(flaw);
        log.push([...bytes]);
      },
      close: () => void log.push('closed'),
      abort: () => void log.push('aborted'),
    });

  it('closes a browser stream on commit, and aborts it on discard', async () => {
    const log: (string | number[])[] = [];
    const kept = streamSink('adapter', collecting(log));
    await kept.write(Uint8Array.of(1, 2));
    await kept.finish();
    await kept.commit();
    await kept.discard();
    const dropped = streamSink('adapter', collecting(log));
    await dropped.write(Uint8Array.of(3));
    await dropped.discard();
    expect(log).toEqual([[1, 2], 'closed', [3], 'aborted']);
  });

  it('says by its name why a stream takes no more', async () => {
    const sink = streamSink('opfs:/adapter', collecting([], 'the quota is used up'));
    const error = await errorOf(async () => {
      await sink.write(Uint8Array.of(1));
      await sink.finish();
      await sink.commit();
    });
    expect(error).toMatchObject({ code: 'file-unwritable', given: 'opfs:/adapter', rule: 'the quota is used up' });
  });
});
