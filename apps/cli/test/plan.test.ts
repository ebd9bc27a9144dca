import { describe, expect, it, withFolder } from '@lowrank/testing';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank } from './lowrank.js';

const xl = ['plan', '--model', 'gpt2-xl', '--rank', '16', '--targets', 'all-linear'];

describe('lowrank plan', () => {
  it("says GPT-2 XL's 75 MiB from a preset, for people and machines", async () => {
    const { events } = await lowrank([...xl, '--json']);
    expect(events).toHaveLength(1);
    const plan = events[0]!;
    expect([plan['adapterBytes'] / 2 ** 20, plan['baseParameters']]).toEqual([75, 1_557_611_200]);
    expect(plan).toMatchObject({ backend: 'wasm', batch: 8, sequence: 256, quantise: null });
    const { memory, flops, modules, ranks, full } = plan;
    const { base, adapter, gradients, optimizer, kept, backward, unpacked, passing, runtime, total } = memory;
    expect(base + adapter + gradients + optimizer + kept + backward + unpacked + passing + runtime).toBe(total);
    expect(ranks.map(({ rank }: { rank: number }) => rank)).toEqual([4, 8, 16, 32, 64]);
    expect(ranks[2]).toMatchObject({ memory, flops });
    expect(full).toMatchObject({ adapterParameters: 1_557_611_200, fileBytes: 4 * 1_557_611_200 });
    expect(modules[0].flops.merged).toBe(2 * 2048 * 1600 * 4800);
    const parts: { memory: Record<string, number>; flops: { step: number } | null }[] = [...modules, ...plan['others']];
    const sumOf = (key: string) => parts.reduce((sum, part) => sum + part.memory[key]!, 0);
    for (const key of Object.keys(memory)) expect(sumOf(key)).toBe(memory[key]);
    expect(parts.reduce((sum, part) => sum + (part.flops?.step ?? 0), 0)).toBe(flops.step);
    const { stdout } = await lowrank(xl);
    expect(stdout).toMatch(/adapter +19,660,800 parameters on 192 modules, rank 16, scaling 2, 75\.0 MiB/);
    expect(stdout).toMatch(
      /c_attn +1600 x 4800 +16 +2 +48 +4,915,200 +[\d.]+ GiB\n[^]*attention and other ops +[\d.]+ GiB\n/,
    );
    expect(stdout).toMatch(/all weights +1,557,611,200 +100\.00 %/);
  });

  it('says what would fit, in its own words and units', async () => {
    const { events } = await lowrank(['plan', '--model', 'smollm2-135m', '--memory', '2GiB', '--json']);
    const advice = events[0]!['advice'] as { code: string; figures: Record<string, number> }[];
    expect(advice[0]).toMatchObject({ code: 'does-not-fit', figures: { memory: 2 ** 31 } });
    const { batch } = advice.find(({ code }) => code === 'fits-if')!.figures as { batch: number };
    const fits = await lowrank(['plan', '--model', 'smollm2-135m', '--memory', '2GiB', '--batch', String(batch)]);
    expect(fits.stdout).toMatch(/advice +a step needs .* of 2\.0 GiB; no larger batch would fit/);
  });

  it('reckons with checkpointing and float16 activations, and says that lowrank does neither', async () => {
    const of = async (...more: string[]) =>
      (await lowrank(['plan', '--model', 'smollm2-135m', ...more, '--json'])).events[0]!;
    const [plain, half, both] = await Promise.all([
      of(),
      of('--precision', 'float16'),
      of('--precision', 'float16', '--checkpointing'),
    ]);
    expect(plain).toMatchObject({ precision: 'float32', checkpointing: false });
    expect(half['memory'].kept).toBe(plain['memory'].kept / 2);
    expect(both).toMatchObject({ precision: 'float16', checkpointing: true, seconds: null });
    expect(both['memory'].activations).toBeLessThan(half['memory'].activations / 2);
    expect(both['flops'].step).toBeGreaterThan(1.3 * plain['flops'].step);
    const args = ['plan', '--model', 'smollm2-135m', '--memory', '2GiB'];
    const [{ stdout }, { stdout: without }] = await Promise.all([
      lowrank([...args, '--precision', 'float16', '--checkpointing']),
      lowrank(args),
    ]);
    expect(stdout).toMatch(
      /assumed +layers computed again .* lowrank's trainer does not do so\nassumed +activations in float16/,
    );
    expect(stdout).not.toMatch(/^time/m);
    expect(without).not.toMatch(/^assumed/m);
    expect(without).toMatch(/advice +[\d.]+ GiB with activation checkpointing, .* lowrank's trainer does not do that/);
  });

  it('packs a base and takes the kernels of another backend', async () => {
    const [float, nf4] = await Promise.all(
      [[], ['--quantise', 'nf4']].map(
        async (more) =>
          (await lowrank(['plan', '--model', 'minilm-l6', '--backend', 'node', ...more, '--json'])).events[0]!,
      ),
    );
    expect(nf4!['memory'].base).toBeLessThan(0.15 * float!['memory'].base);
    expect([float!['memory'].unpacked, nf4!['memory'].unpacked]).toEqual([0, 4 * 30522 * 384]);
  });

  it('tells how long a step takes by what doctor measured here, and where it has not, how to know', () =>
    withFolder(async (folder) => {
      const env = { XDG_CACHE_HOME: folder };
      const run = async (...more: string[]) => lowrank([...xl, '--batch', '1', '--sequence', '128', ...more], { env });
      const before = await run('--json');
      expect(before.events[0]!['seconds']).toBeNull();
      expect((await run()).stdout).toMatch(/time +not known: lowrank doctor measures/);
      await mkdir(join(folder, 'lowrank'));
      const wasm = { speed: { linear: 1e11, ops: 1e3 }, threads: 2, at: '2026-01-02T03:04:05.000Z' };
      await writeFile(join(folder, 'lowrank', 'speeds.json'), JSON.stringify({ wasm }));
      const after = (await run('--json')).events[0]!;
      // A step's linears at that speed, and some ops; attention costs nothing here.
      const linear = after['flops'].step / 1e11;
      expect(after['seconds']).toBeGreaterThan(0.9 * linear);
      expect(after['seconds']).toBeLessThan(linear + 5);
      expect((await run()).stdout).toMatch(
        /time +\d+ (m?s) a step with 2 threads, as lowrank doctor measured on 2026-01-02/,
      );
      await writeFile(join(folder, 'lowrank', 'speeds.json'), '{"wasm":{"speed":{"linear":-1}}}');
      expect((await run('--json')).events[0]!['seconds']).toBeNull();
    }));

  it("reckons with the memory that doctor measured here, and where it has not, with lowrank's own figures", () =>
    withFolder(async (folder) => {
      const run = async (backend: string) => {
        const args = ['plan', '--model', 'minilm-l6', '--backend', backend, '--json'];
        return (await lowrank(args, { env: { XDG_CACHE_HOME: folder } })).events[0]!['memory'];
      };
      const own = await run('node');
      await mkdir(join(folder, 'lowrank'));
      const node = { speed: { linear: 1e11 }, threads: 2, at: '2026-01-02T03:04:05.000Z' };
      const write = (memory: object) =>
        writeFile(join(folder, 'lowrank', 'speeds.json'), JSON.stringify({ node: { ...node, ...memory } }));
      await write({ memory: { runtime: 50 * 2 ** 20, overhead: 0.125 } });
      const here = await run('node');
      const tensors = own.total - own.runtime;
      expect(here.runtime).toBe(Math.ceil(50 * 2 ** 20 + 0.125 * tensors));
      expect(here).toEqual({ ...own, runtime: here.runtime, total: tensors + here.runtime });
      // Another backend was not measured.
      expect((await run('wasm')).runtime).toBe(28 * 2 ** 20);
      for (const before of [{}, { memory: { runtime: -1, overhead: 0 } }]) {
        await write(before);
        expect(await run('node')).toEqual(own);
      }
    }));

  it('reads a config.json alone, and refuses what only weights can tell', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'config.json');
      await writeFile(path, JSON.stringify({ model_type: 'gpt2', vocab_size: 10, n_embd: 8, n_layer: 2, n_head: 2 }));
      const args = ['plan', '--model', path, '--targets', 'c_attn', '--rank', '2', '--json'];
      const { events } = await lowrank(args);
      expect(events[0]).toMatchObject({ adapterParameters: 2 * 2 * (8 + 24) });
      const stored = await lowrank([...args, '--quantise', 'stored']);
      expect([stored.code, stored.events[0]!['code']]).toEqual([1, 'config-invalid']);
    }));

  it.each([
    [['--model', 'gpt2-x'], /preset "gpt2-x"[\s\S]*nearest here: gpt2/],
    [['--model', 'gpt2', '--targets', 'q_proj'], /"q_proj"[\s\S]*nearest here: c_proj/],
    [['--model', 'gpt2', '--batch', '0'], /--batch[\s\S]*whole number of 1 or more/],
    [['--model', 'gpt2', '--sequence', '1025'], /seq: 1025[\s\S]*1024 positions/],
    [['--model', 'gpt2', '--precision', 'float64'], /--precision[\s\S]*float32[\s\S]*float16/],
    [['--model', 'gpt2', '--memory', '8'], /--memory[\s\S]*8GiB/],
    [['--model', 'gpt2', '--memory', '0GiB'], /--memory[\s\S]*above 0/],
  ])('refuses %j', async (args, says) => {
    const { code, stderr } = await lowrank(['plan', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
