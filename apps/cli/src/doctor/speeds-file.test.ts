import { describe, expect, it, withFolder } from '@lowrank/testing';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, vi } from 'vitest';
import type { ProbeResult } from './probe-result.js';
import { readSpeeds, writeSpeeds } from './speeds-file.js';

const speed = { linear: 1e11, ops: 1e3 };
const memory = { runtime: 3e7, overhead: 0.04 };
const at = '2026-01-02T03:04:05.000Z';
const wasm: ProbeResult = { name: 'wasm', works: true, version: 'tfjs 4', gflops: 100, speed, memory, threads: 2 };
const webgpu: ProbeResult = { name: 'webgpu', works: true, version: 'tfjs 4', gflops: 1, speed, threads: 1 };

const withCache = (use: (path: string) => Promise<void>) =>
  withFolder(async (folder) => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    await mkdir(join(folder, 'lowrank'));
    await use(join(folder, 'lowrank', 'speeds.json'));
  });
afterEach(() => vi.unstubAllEnvs());

describe("doctor's file", () => {
  it('keeps speeds, and memory where it was measured', () =>
    withCache(async (path) => {
      await writeSpeeds([wasm, webgpu]);
      const read = await readSpeeds();
      expect(read).toEqual({
        wasm: { speed, memory, threads: 2, at: expect.any(String) },
        webgpu: { speed, threads: 1, at: expect.any(String) },
      });
      expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(read);
    }));

  it('is read as it was before it had memory', () =>
    withCache(async (path) => {
      await writeFile(path, JSON.stringify({ wasm: { speed, threads: 2, at } }));
      expect(await readSpeeds()).toEqual({ wasm: { speed, threads: 2, at } });
    }));

  it.each([
    ['of another form', 7],
    ['null', null],
    ['below 0', { ...memory, runtime: -1 }],
    ['in words', { ...memory, overhead: 'much' }],
    ['not there', { runtime: 3e7 }],
    ['not finite', { ...memory, runtime: '1e999' }],
  ])('tells nothing of a backend whose memory is %s, and all of the others', (_what, damaged) =>
    withCache(async (path) => {
      const broken = JSON.stringify({ speed, memory: damaged, threads: 2, at }).replace('"1e999"', '1e999');
      await writeFile(path, `{"wasm":${broken},"node":${JSON.stringify({ speed, memory, threads: 2, at })}}`);
      expect(await readSpeeds()).toEqual({ node: { speed, memory, threads: 2, at } });
    }),
  );
});
