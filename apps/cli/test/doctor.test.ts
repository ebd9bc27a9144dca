import { describe, expect, it } from '@lowrank/testing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { backendsHere } from './here.js';
import { lowrank, softwareGpu, tfjsNode } from './lowrank.js';

const here = await backendsHere();
const all = it.runIf(here.node && here.webgpu);
const folder = mkdtempSync(join(tmpdir(), 'lowrank-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** What a user's own doctor has measured stays. */
const cache = { XDG_CACHE_HOME: folder };
const noAdapter = {
  VK_ICD_FILENAMES: '/nowhere',
  VK_DRIVER_FILES: '/nowhere',
};

// Each run measures for some seconds a backend.
describe('lowrank doctor', { timeout: 180_000 }, () => {
  all('tells each backend that works, what it runs on and its measured speed, as one JSON object', async () => {
    const env = { ...softwareGpu, ...cache };
    const { code, stderr, events } = await lowrank(['doctor', '--json'], { env });
    expect([code, events.length]).toEqual([0, 1]);
    expect(stderr).not.toMatch(/error/i);
    const speed = { works: true, gflops: expect.any(Number), speed: expect.any(Object), version: expect.any(String) };
    const memory = { runtime: expect.any(Number), overhead: expect.any(Number) };
    expect(events[0]).toEqual({
      type: 'doctor',
      lowrank: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cores: availableParallelism(),
      auto: 'node',
      measured: { op: 'frozenLinear', rows: 1024, in: 768, out: 768 },
      backends: [
        expect.objectContaining({ name: 'node', ...speed, memory, threads: availableParallelism() }),
        expect.objectContaining({ name: 'wasm', ...speed, memory, threads: Math.min(8, availableParallelism()) }),
        expect.objectContaining({ name: 'webgpu', ...speed, software: true, device: 'google swiftshader' }),
      ],
    });
    const [node, wasm, webgpu] = events[0]!['backends'];
    expect([node.version, webgpu.limits.maxBufferSize > 2 ** 27]).toEqual([
      expect.stringMatching(/^TensorFlow 2\./),
      true,
    ]);
    // A plain loop in JavaScript does about 1, and no processor's core reaches 1,000.
    for (const { gflops } of [node, wasm]) expect(gflops > 5 && gflops < 1000 * availableParallelism()).toBe(true);
    expect(webgpu.gflops).toBeGreaterThan(0);
    // JavaScript's own heap alone takes some MiB. A card's memory is not the process's.
    for (const { memory } of [node, wasm]) {
      expect(memory.runtime > 2 ** 22 && memory.runtime < 2 ** 30).toBe(true);
      expect(memory.overhead >= 0 && memory.overhead < 0.5).toBe(true);
    }
    expect(webgpu).not.toHaveProperty('memory');
    // What plan tells of time: at least the products cost some.
    const kept = JSON.parse(readFileSync(join(folder, 'lowrank', 'speeds.json'), 'utf8'));
    expect(Object.keys(kept)).toEqual(['node', 'wasm', 'webgpu']);
    for (const { name, speed, memory } of events[0]!['backends'])
      expect([speed, memory, speed.linear > 0]).toEqual([kept[name].speed, kept[name].memory, true]);
  });

  it('says what to install for what is absent, takes what is there, and calls that no failure', async () => {
    const env = { ...tfjsNode('absent'), ...noAdapter, ...cache };
    const { code, events } = await lowrank(['doctor', '--json'], { env });
    expect([code, events[0]!['auto']]).toEqual([0, 'wasm']);
    const [node, wasm, webgpu] = events[0]!['backends'];
    expect(wasm.works).toBe(true);
    expect(node).toEqual({
      name: 'node',
      works: false,
      because: {
        code: 'backend-unavailable',
        given: expect.any(String),
        rule: 'the package @tensorflow/tfjs-node must be installed',
        fix: expect.stringContaining('npm install @tensorflow/tfjs-node'),
      },
    });
    expect(webgpu).toMatchObject({ works: false, because: { rule: expect.stringContaining('adapter') } });
  });

  it('shows the same to people', async () => {
    const env = { ...tfjsNode('absent'), ...noAdapter, ...cache };
    const { code, stdout } = await lowrank(['doctor'], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^lowrank \S+ on Node v\S+, \w+ \w+, \d+ cores?\n/);
    expect(stdout).toMatch(/^backend +threads +GFLOP\/s +memory +runs on$/m);
    expect(stdout).toMatch(/^wasm +\d+ +\d+\.\d +\d+\.\d MiB \+ \d+\.\d % +tfjs 4\.\d+\.\d+$/m);
    expect(stdout).toMatch(/^node is absent: .*\n +→ npm install @tensorflow\/tfjs-node/m);
    expect(stdout).toContain('--backend auto, the default, takes wasm.');
  });

  it('outlives a backend whose native part crashes', async () => {
    const { code, events } = await lowrank(['doctor', '--json'], { env: { ...tfjsNode('crashes'), ...cache } });
    expect([code, events[0]!['auto']]).toEqual([0, 'wasm']);
    expect(events[0]!['backends'][0].because.rule).toContain('ended by SIGABRT');
  });

  it('waits no longer for a backend that hangs than it was told', async () => {
    const { code, events } = await lowrank(['doctor', '--json', '--timeout', '45'], {
      env: { ...tfjsNode('hangs'), ...cache },
    });
    expect([code, events[0]!['auto']]).toEqual([0, 'wasm']);
    expect(events[0]!['backends'][0].because.rule).toContain('no answer within 45 s');
  });

  it('fails where none works', async () => {
    const { code, events } = await lowrank(['doctor', '--json', '--timeout', '1'], {
      env: {
        ...tfjsNode('hangs'),
        ...noAdapter,
        ...cache,
        NODE_OPTIONS: `${tfjsNode('hangs').NODE_OPTIONS} --jitless`,
      },
    });
    // Without a compiler there is no WebAssembly either.
    expect([code, events[0]!['auto']]).toEqual([1, null]);
  });
});
