import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';

const weights = 'adapter_model.safetensors';
const base = golden('llama-untied');

describe('lowrank export and import', () => {
  it('go to llama.cpp and back without a bit lost, by either kind of base', () =>
    withFolder(async (folder) => {
      const [gguf, back] = [join(folder, 'a.gguf'), join(folder, 'back')];
      const from = ['--adapter', golden('peft-adapter'), '--model', base];
      const exported = await lowrank(['export', ...from, '--for', 'llama.cpp', '--out', gguf, '--json']);
      expect(exported.events).toEqual([
        { type: 'result', for: 'llama.cpp', program: expect.any(String), out: gguf, modules: 6, changes: [] },
      ]);
      const model = ['--model', golden('gguf/base.gguf')];
      const imported = await lowrank(['import', gguf, ...model, '--out', back, '--json']);
      expect(imported.events[0]).toMatchObject({ format: 'gguf', modules: 6, config: { r: 4, lora_alpha: 12 } });
      expect(await readFile(join(back, weights))).toEqual(await readFile(join(golden('peft-adapter'), weights)));
    }));

  it('go to MLX-LM and back without a bit lost, and give the same bytes twice', () =>
    withFolder(async (folder) => {
      const from = ['--adapter', golden('peft-adapter'), '--for', 'mlx'];
      const outs = ['one', 'two'].map((name) => join(folder, name));
      for (const out of outs) expect((await lowrank(['export', ...from, '--out', out])).code).toBe(0);
      for (const name of ['adapters.safetensors', 'adapter_config.json']) {
        const [one, two] = await Promise.all(outs.map((out) => readFile(join(out, name))));
        expect(one).toEqual(two);
      }
      const back = join(folder, 'back');
      expect((await lowrank(['import', outs[0]!, '--out', back])).code).toBe(0);
      expect(await readFile(join(back, weights))).toEqual(await readFile(join(golden('peft-adapter'), weights)));
    }));

  it('says what was rewritten and left out, and what vLLM needs to be told', () =>
    withFolder(async (folder) => {
      const even = ['--adapter', golden('peft-adapter-rslora'), '--for', 'vllm', '--out', join(folder, 'even')];
      const { events } = await lowrank(['export', ...even, '--json']);
      expect(events[0]).toMatchObject({ maxLoraRank: 8, changes: [{ feature: 'patterns', verdict: 'rewritten' }] });
      const less = [
        '--adapter',
        golden('peft-folders/bias-all'),
        '--for',
        'vllm',
        '--strip',
        '--out',
        join(folder, 'less'),
      ];
      const { stdout, code } = await lowrank(['export', ...less]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/1 module written[\s\S]*left out {2}biases \(.*\): vLLM takes no trained biases/);
      const { events: seen } = await lowrank(['inspect', join(folder, 'less'), '--json']);
      expect(seen[0]).toMatchObject({ config: { bias: 'none' }, modules: [{ path: 'linear' }] });
    }));

  it('keeps what is there unless told to overwrite it', () =>
    withFolder(async (folder) => {
      const out = join(folder, 'out');
      const run = (...more: string[]) =>
        lowrank(['export', '--adapter', golden('peft-adapter'), '--for', 'mlx', '--out', out, ...more]);
      expect((await run()).code).toBe(0);
      const again = await run();
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--overwrite')]);
      expect((await run('--overwrite')).code).toBe(0);
    }));
});

describe('lowrank inspect', () => {
  it('reads any PEFT adapter, with norms that float64 gives', async () => {
    const { events } = await lowrank(['inspect', golden('peft-folders/dora'), '--json']);
    expect(events[0]).toMatchObject({
      type: 'adapter',
      format: 'peft',
      kind: 'dora',
      dtypes: ['F32'],
      parameters: 152,
    });
    const { modules, consumers } = events[0]!;
    const linear = modules.find(({ path }: { path: string }) => path === 'linear');
    expect(linear).toMatchObject({ in: 6, out: 4, rank: 2, scaling: 4 });
    expect(linear.tensors['lora_magnitude_vector'].shape).toEqual([4]);
    const file = await readFile(join(golden('peft-folders/dora'), weights));
    expect(linear.normA).toBeCloseTo(normIn(file, 'base_model.model.linear.lora_A.weight'), 10);
    expect(consumers.map(({ consumer, verdict }: Record<string, string>) => [consumer, verdict])).toEqual([
      ['peft', 'taken'],
      ['vllm', 'refused'],
      ['llama.cpp', 'refused'],
      ['mlx', 'refused'],
    ]);
  });

  it('reads adapters of MLX-LM and llama.cpp as it reads the same one of PEFT', () =>
    withFolder(async (folder) => {
      const mlx = join(folder, 'mlx');
      await lowrank(['export', '--adapter', golden('peft-adapter'), '--for', 'mlx', '--out', mlx]);
      const normsOf = async (path: string) => {
        const { events } = await lowrank(['inspect', path, '--json']);
        const norms = events[0]!['modules'].map((module: { path: string; normUpdate: number }) => [
          module.path,
          module.normUpdate.toPrecision(12),
        ]);
        return { format: events[0]!['format'], norms: norms.sort() };
      };
      const peft = await normsOf(golden('peft-adapter'));
      expect(await normsOf(mlx)).toEqual({ ...peft, format: 'mlx' });
      expect(await normsOf(golden('gguf/adapter.gguf'))).toEqual({ ...peft, format: 'gguf' });
      expect(await normsOf(join(golden('peft-adapter'), weights))).toEqual(peft);
    }));

  it('lists models and tensors from their headers', async () => {
    const gguf = await lowrank(['inspect', golden('gguf/base.gguf'), '--json']);
    expect(gguf.events[0]).toMatchObject({ type: 'gguf-model', parameters: 21664, dtypes: ['F32'] });
    expect(gguf.events[0]!['metadata']['tokenizer.ggml.tokens']).toBe('a list of 96');
    const tensors = await lowrank(['inspect', golden('float8/float8.safetensors'), '--json']);
    expect(tensors.events[0]).toMatchObject({ type: 'safetensors', dtypes: ['F32', 'F8_E4M3', 'F8_E5M2'] });
    const model = await lowrank(['inspect', 'tiny', '--json']);
    expect(model.events[0]).toMatchObject({ type: 'model', parameters: 3475712 });
    const people = await lowrank(['inspect', golden('peft-adapter')]);
    expect(people.stdout).toMatch(/LoRA adapter, rank 4[\s\S]*vLLM 0\.33 +as it is \(--max-lora-rank 8\)/);
  });
});

/** The Frobenius norm of an F32 tensor, by its place in the file. */
function normIn(file: Buffer, name: string): number {
  const length = Number(file.readBigUInt64LE());
  const [begin, end] = JSON.parse(file.toString('utf8', 8, 8 + length))[name].data_offsets as [number, number];
  let total = 0;
  for (let at = begin; at < end; at += 4) total += file.readFloatLE(8 + length + at) ** 2;
  return Math.sqrt(total);
}
