import { describe, expect, it, withFolder } from '@lowrank/testing';
import { join } from 'node:path';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';

const adapter = golden('peft-adapter');
const fits = golden('llama-untied');

describe('lowrank inspect --model', () => {
  it.each([fits, golden('gguf/base.gguf')])('says that an adapter fits its base: %s', async (base) => {
    const { code, events } = await lowrank(['inspect', adapter, '--model', base, '--json']);
    expect([code, events[1]]).toEqual([0, { type: 'fit', model: base, fits: true }]);
    expect(events[0]).toMatchObject({ type: 'adapter', format: 'peft' });
  });

  it('shows an adapter that does not fit, names the module and the nearest, and fails', async () => {
    const { code, stdout, stderr } = await lowrank(['inspect', adapter, '--model', golden('bert')]);
    expect([code, stdout.split('\n')[0]]).toEqual([1, expect.stringContaining('LoRA adapter, rank 4')]);
    expect(stderr).toMatch(/^error: "[^"]+" in "[^"]+peft-adapter"\n.*has no such module \(nearest here: /);
    const shapes = await lowrank(['inspect', adapter, '--model', 'tiny', '--json']);
    expect(shapes.code).toBe(1);
    expect(shapes.events).toMatchObject([
      { type: 'adapter' },
      { type: 'error', code: 'adapter-mismatch', rule: expect.stringMatching(/in tiny it is \d+ x \d+ \(in x out\)/) },
    ]);
  });

  it('holds adapters of MLX-LM and llama.cpp against a base too, and refuses what is no adapter', () =>
    withFolder(async (folder) => {
      const mlx = join(folder, 'mlx');
      expect((await lowrank(['export', '--adapter', adapter, '--for', 'mlx', '--out', mlx])).code).toBe(0);
      const codes = async (path: string) =>
        Promise.all([fits, 'tiny'].map(async (base) => (await lowrank(['inspect', path, '--model', base])).code));
      expect(await codes(mlx)).toEqual([0, 1]);
      expect(await codes(golden('gguf/adapter.gguf'))).toEqual([0, 1]);
      const model = await lowrank(['inspect', 'tiny', '--model', 'tiny', '--json']);
      expect([model.code, model.events]).toMatchObject([
        2,
        [{ code: 'config-invalid', given: '--model beside "tiny"' }],
      ]);
    }));
});
