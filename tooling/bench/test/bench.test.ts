import { describe, expect, it } from '@lowrank/testing';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.mjs', import.meta.url));

function bench(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const spread = {
  median: expect.any(Number),
  min: expect.any(Number),
  max: expect.any(Number),
  values: [expect.any(Number), expect.any(Number)],
};
const memory = process.platform === 'linux' ? expect.any(Number) : null;

describe('pnpm bench step', () => {
  it('measures ours beside stock tfjs on one model, and the losses agree', () => {
    const { status, stdout, stderr } = bench(
      ...'step --shape tiny-bert --backends wasm --threads 1 --quantise nf4 --runs 2 --profile --json'.split(' '),
      ...['--beside', 'stock,peft', '--python', '/nowhere/python'],
    );
    expect([status, stderr]).toEqual([0, '']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({
      type: 'bench-step',
      version: 1,
      runs: 2,
      machine: { cores: expect.any(Number), node: `Node ${process.version}` },
      shape: { name: 'tiny-bert', batch: 2, seq: 16, rank: 8, targets: ['query', 'value'] },
      // Blocks of 524,288, attention of 65,536, a head of 1,024; no gradient into the first block's q, k and v (196,608);
      // adapters of 65,536 a block, forward once and backward twice.
      flops: { forward: 2 * (524_288 + 65_536) + 1024, step: 2 * 1_180_672 - 196_608 + 2 * (65_536 + 3 * 65_536) },
    });
    const names = result.results.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['lowrank wasm, 1 thread', 'lowrank wasm, nf4, 1 thread', 'stock wasm, 1 thread']);
    for (const one of result.results) {
      expect(one).toMatchObject({
        backend: 'wasm',
        threads: 1,
        realThreads: 1,
        runtime: expect.stringContaining('tfjs 4.'),
        losses: Array.from({ length: 12 }, () => expect.any(Number)),
        step: { ms: spread, tokensPerSecond: expect.any(Number), gflops: expect.any(Number) },
        forward: { frozen: spread, unmerged: spread, merged: spread, gflops: expect.any(Number) },
        overhead: { unmerged: expect.any(Number), merged: expect.any(Number) },
        memory: { loaded: memory, loadPeak: memory, stepPeak: memory },
      });
      expect(one.step.tokensPerSecond).toBeCloseTo(32_000 / one.step.ms.median, 6);
      expect(one.losses[11]).toBeLessThan(one.losses[0]);
      const inKernels = one.profile.kernels.reduce((total: number, { ms }: { ms: number }) => total + ms, 0);
      expect(inKernels > 0 && inKernels <= one.profile.ms).toBe(true);
    }
    expect(result.ratios).toHaveLength(2);
    expect(result.agreement).toMatchObject({ compared: [names[0], names[2]], agrees: true });
    expect(result.agreement.first).toBeLessThan(1e-5);
    expect(result.absent).toEqual([
      expect.objectContaining({ name: 'PyTorch + PEFT, 1 thread', because: expect.stringContaining('ENOENT') }),
    ]);
  });

  it('shows a causal model to people', () => {
    const { status, stdout } = bench(
      ...'step --shape tiny-llama --backends wasm --threads 1 --beside stock --runs 1'.split(' '),
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^lowrank wasm, 1 thread +\d+ +\d+-\d+ /m);
    expect(stdout).toMatch(/^lowrank wasm, 1 thread takes [\d.e-]+ times the time of stock wasm, 1 thread a step/m);
    expect(stdout).toMatch(/^losses of 2 agree within /m);
  });

  it('says what there is for a wrong option', () => {
    const wrong = bench('step', '--shape', 'gpt');
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/--shape gpt: it is one of minilm, smollm2/),
    ]);
    expect(bench('leap').status).toBe(2);
    expect(bench('step', '--runs', '0').status).toBe(2);
  });
});
