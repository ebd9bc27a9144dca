import { describe, expect, it } from '@lowrank/testing';
import { bytesSource, encodeSafetensors, fileSource, openSafetensors } from '@lowrank/formats';
import { readFile } from 'node:fs/promises';
import { golden } from '../../test/golden.js';

const files = [
  'llama-tied/model.safetensors',
  'llama-untied/model.safetensors',
  'llama-untied/expected.safetensors',
  'peft-adapter/adapter_model.safetensors',
  'peft-training/gradients.safetensors',
];

describe("files written by Hugging Face's safetensors", () => {
  for (const file of files) {
    it(`gives ${file} back byte for byte when what was read is written again`, async () => {
      const opened = await openSafetensors(await fileSource(golden(file)));
      const again = encodeSafetensors(await opened.readAll(), { metadata: { ...opened.metadata } });
      await opened.close();
      expect(Buffer.compare(again, await readFile(golden(file)))).toBe(0);
    });
  }

  it('reads one tensor by its place in the file', async () => {
    const opened = await openSafetensors(await fileSource(golden('llama-untied/expected.safetensors')));
    const { shape, data } = await opened.read('logits');
    await opened.close();
    const bytes = await readFile(golden('llama-untied/expected.safetensors'));
    const start = bytes.length - 2 * 11 * 96 * 4;
    expect(shape).toEqual([2, 11, 96]);
    expect(Array.from(data)).toEqual(Array.from(data, (_, index) => bytes.readFloatLE(start + 4 * index)));
  });

  it('reads nothing but the header until a tensor is asked for', async () => {
    const source = bytesSource('model', await readFile(golden('llama-untied/model.safetensors')));
    const ranges: [number, number][] = [];
    const file = await openSafetensors({
      ...source,
      read: (offset, length) => (ranges.push([offset, length]), source.read(offset, length)),
    });
    const header = ranges.reduce((sum, [, length]) => sum + length, 0);
    expect(header + Array.from(file.tensors.values(), byteLength).reduce((sum, size) => sum + size)).toBe(source.size);
    await file.read('model.norm.weight');
    expect(ranges.slice(2)).toEqual([[expect.any(Number), 32 * 4]]);
  });
});

const byteLength = ({ shape }: { readonly shape: readonly number[] }) => 4 * shape.reduce((a, b) => a * b, 1);
