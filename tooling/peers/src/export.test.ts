import { describe, expect, it } from '@lowrank/testing';
import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadModel } from '@lowrank/models';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { golden, goldenLogits, worst } from './goldens.js';
import { hasLlamaCpp, llamaCpp } from './llama-cpp.js';
import { softmax, worstLog } from './log-probabilities.js';
import { hasLowrank, lowrank } from './lowrank.js';
import { hasPackage, runPython } from './python.js';

const tiny = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const ids = [
  [0, 310, 17, 1900, 42, 5, 730, 2047, 88, 1],
  [0, 9, 1024, 77, 650, 3, 12, 501, 1333, 64],
];

/** Logits are up to 20: float32 in two frameworks, each with its own order of sums. */
const tolerance = 1e-4;

let work: string;
const at = (name: string) => join(work, name);

/** What we make of the adapter, `[batch][seq][vocab]`. */
async function ours(adapter: string): Promise<number[][][]> {
  using model = await loadModel(tiny);
  using manager = new LoraManager(model);
  manager.add('adapter', await readPeft(adapter));
  const logits = tidy(() => model.forward(tensor2d(ids, [ids.length, ids[0]!.length], 'int32')));
  const values = (await logits.array()) as number[][][];
  logits.dispose();
  return values;
}

const peer = async (name: 'peft' | 'mlx', base: string, adapter: string) =>
  (await runPython('adapter_logits.py', name, base, adapter, JSON.stringify(ids))) as number[][][];

const away = (one: number[][][], other: number[][][]) => worst(one.flat(2), other.flat(2));

/** An adapter with ranks and alphas of its own on some modules, trained until it matters. */
async function train(out: string): Promise<void> {
  const data = at('text.txt');
  const steps = ['--steps', '8', '--batch', '2', '--sequence', '32', '--learning-rate', '0.02', '--backend', 'wasm'];
  const shape = ['--rank', '4', '--rslora', '--rank-pattern', 'k_proj=2', '--alpha-pattern', 'up_proj=3'];
  await lowrank('train', '--model', 'tiny', '--data', data, '--out', out, ...steps, ...shape);
}

describe.runIf(hasLowrank)('an adapter that the command line trained and exported', () => {
  let found: number[][][] | undefined;
  const ourLogits = async () => (found ??= await ours(at('trained')));

  beforeAll(async () => {
    work = await mkdtemp(join(tmpdir(), 'lowrank-export-'));
    await writeFile(at('text.txt'), 'The whale swam past the old ship, and the captain cried aloud.\n'.repeat(60));
    await train(at('trained'));
  }, 120_000);
  afterAll(() => rm(work, { recursive: true }));

  const run = (...args: string[]) => lowrank('export', '--adapter', at('trained'), '--model', 'tiny', ...args);

  it.runIf(hasPackage('peft'))('gives PEFT our logits, and its files are copied byte for byte', async () => {
    const expected = await ourLogits();
    await run('--for', 'peft', '--out', at('peft'));
    for (const name of ['adapter_config.json', 'adapter_model.safetensors']) {
      expect(await readFile(join(at('peft'), name))).toEqual(await readFile(join(at('trained'), name)));
    }
    expect(away(await peer('peft', tiny, at('peft')), expected)).toBeLessThan(tolerance);
  });

  it.runIf(hasPackage('peft'))('gives PEFT our logits still as vLLM takes it: one rank, one alpha', async () => {
    const expected = await ourLogits();
    const { changes, maxLoraRank } = await run('--for', 'vllm', '--out', at('vllm'));
    expect(changes).toMatchObject([{ feature: 'patterns', verdict: 'rewritten' }]);
    expect(maxLoraRank).toBe(8);
    const config = JSON.parse(await readFile(join(at('vllm'), 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({ r: 4, use_rslora: false, rank_pattern: {}, alpha_pattern: {} });
    expect(away(await peer('peft', tiny, at('vllm')), expected)).toBeLessThan(tolerance);
  });

  it.runIf(hasPackage('mlx_lm'))('gives MLX-LM our logits, and comes back from it as it acts', async () => {
    const expected = await ourLogits();
    await run('--for', 'mlx', '--out', at('mlx'));
    expect(away(await peer('mlx', tiny, at('mlx')), expected)).toBeLessThan(tolerance);
    await lowrank('import', at('mlx'), '--model', 'tiny', '--out', at('mlx-back'));
    expect(away(await ours(at('mlx-back')), expected)).toBeLessThan(tolerance);
  });

  it.runIf(hasLlamaCpp && hasPackage('gguf'))(
    'gives llama.cpp our probabilities beside a GGUF base, and comes back from it as it acts',
    async () => {
      const expected = await ourLogits();
      await runPython('write_gguf_base.py', tiny, at('base.gguf'));
      await run('--for', 'llama.cpp', '--out', at('adapter.gguf'));
      const given = await llamaCpp({ base: at('base.gguf'), adapter: at('adapter.gguf'), sequences: ids });
      const theirs = expected.map((sequence) => sequence.map(softmax));
      expect(worstLog(given, theirs)).toBeLessThan(tolerance);
      const without = await llamaCpp({ base: at('base.gguf'), sequences: ids });
      expect(worstLog(without, theirs)).toBeGreaterThan(100 * tolerance);
      await lowrank('import', at('adapter.gguf'), '--model', at('base.gguf'), '--out', at('gguf-back'));
      expect(away(await ours(at('gguf-back')), expected)).toBeLessThan(tolerance);
    },
  );
});

describe.runIf(hasPackage('peft') && hasPackage('mlx_lm'))('what MLX-LM made on a base with a head of its own', () => {
  const base = golden('llama-untied');
  for (const name of ['mlx-dora', 'mlx-embedding']) {
    it.runIf(hasLowrank)(`${name} gives PEFT the logits of MLX-LM`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lowrank-import-'));
      const { ids: sequences, logits: theirs } = await goldenLogits(name);
      await lowrank('import', golden(name), '--model', base, '--out', join(folder, 'peft'));
      const given = await runPython('adapter_logits.py', 'peft', base, join(folder, 'peft'), JSON.stringify(sequences));
      expect(worst((given as number[][][]).flat(2), theirs)).toBeLessThan(tolerance);
      await rm(folder, { recursive: true });
    });
  }

  it.runIf(hasLlamaCpp && hasLowrank)('mlx-embedding gives llama.cpp the probabilities of MLX-LM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lowrank-import-'));
    const { ids: sequences, vocab, logits: flat } = await goldenLogits('mlx-embedding');
    await lowrank('import', golden('mlx-embedding'), '--out', join(folder, 'peft'));
    const gguf = join(folder, 'adapter.gguf');
    const from = ['--adapter', join(folder, 'peft'), '--model', golden('gguf/base.gguf')];
    await lowrank('export', ...from, '--for', 'llama.cpp', '--out', gguf);
    const given = await llamaCpp({ base: golden('gguf/base.gguf'), adapter: gguf, sequences });
    const length = sequences[0]!.length;
    const row = (index: number) => softmax(Array.from(flat.subarray(index * vocab, (index + 1) * vocab)));
    const theirs = sequences.map((sequence, index) => sequence.map((_, position) => row(index * length + position)));
    expect(worstLog(given, theirs)).toBeLessThan(tolerance);
    await rm(folder, { recursive: true });
  });
});
