import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import {
  fileSource,
  openGguf,
  readGgufAdapter,
  readGgufAsPeft,
  readMlxAsPeft,
  readPeftFolder,
  writeGgufAdapter,
} from '@lowrank/formats';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const llama = { architecture: 'llama', heads: 4, keyValueHeads: 2 };

describe('an adapter of the embedding in GGUF', () => {
  it('lies as llama.cpp looks it up: lora_a by token, lora_b by feature', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'adapter.gguf');
      const adapter = await readMlxAsPeft(golden('mlx-embedding'));
      await writeGgufAdapter(path, adapter, llama);
      const file = await openGguf(await fileSource(path));
      expect(file.tensors.get('token_embd.weight.lora_a')?.shape).toEqual([96, 2]);
      expect(file.tensors.get('token_embd.weight.lora_b')?.shape).toEqual([32, 2]);
      const { data } = await file.read('token_embd.weight.lora_a');
      const table = adapter.entries.find(({ kind }) => kind === 'embedding')!.tensors.get('lora_embedding_A')!;
      const theirs = new Float32Array(new Uint8Array(table.bytes).buffer); // [2, 96]
      expect([data[2 * 17], data[2 * 17 + 1]]).toEqual([theirs[17], theirs[96 + 17]]);
      await file.close();
    }));

  it('comes back bit for bit as PEFT has it, and is refused by name as an adapter of ours', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'adapter.gguf');
      const before = await readMlxAsPeft(golden('mlx-embedding'));
      await writeGgufAdapter(path, before, llama);
      const after = await readGgufAsPeft(path, llama);
      const byPath = (entries: typeof before.entries) => new Map(entries.map((entry) => [entry.path, entry]));
      expect(byPath(after.entries)).toEqual(byPath(before.entries));
      expect(after.config).toMatchObject({ r: 2, lora_alpha: 4 });
      expect(await errorOf(() => readGgufAdapter(path, llama))).toMatchObject({
        code: 'config-unsupported',
        given: expect.stringContaining('model.embed_tokens'),
      });
    }));

  it('is refused of another table, and beside DoRA', async () => {
    for (const [name, given] of [
      ['layers', /"table" of/],
      ['dora', /lora_magnitude_vector/],
    ] as const) {
      const { config, entries, metadata } = await readPeftFolder(golden(`peft-folders/${name}`));
      const linears = { config, entries: entries.filter(({ kind }) => kind === 'embedding'), metadata };
      expect(await errorOf(() => writeGgufAdapter('/nowhere', linears, llama))).toMatchObject({
        code: 'config-unsupported',
        given: expect.stringMatching(given),
      });
    }
  });
});
