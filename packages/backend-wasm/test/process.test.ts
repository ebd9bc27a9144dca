import { describe, expect } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterAll, beforeAll, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

// A process of its own cannot read our sources, so they are bundled here, tfjs left outside.
beforeAll(async () => {
  folder = await mkdtemp(`${root}node_modules/.process-test-`);
  await writeFile(
    `${folder}/entry.ts`,
    "export { useBackend } from '@lowrank/core';\nexport { wasm } from '@lowrank/backend-wasm';\n",
  );
  await build({
    config: false,
    entry: { bundle: `${folder}/entry.ts` },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    external: [/^@tensorflow/],
    noExternal: [/^(?!@tensorflow)/],
    silent: true,
    esbuildOptions: (options) => {
      options.conditions = ['@lowrank/source'];
      options.alias = { '@lowrank/backend-wasm': `${root}src/index.ts` };
    },
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a process that uses wasm', () => {
  test('ends by itself, with its threads running and no files left behind', async () => {
    const before = await leftovers();
    const { stdout } = await run(`
      import { matMul, ones } from '@tensorflow/tfjs-core';
      const backend = wasm();
      await useBackend(backend);
      const product = matMul(ones([300, 200]), ones([200, 100]));
      console.log(JSON.stringify({ ...backend.capabilities(), value: product.dataSync()[0] }));
    `);
    expect(JSON.parse(stdout)).toEqual({ threads: Math.min(availableParallelism(), 8), value: 200 });
    expect(await leftovers()).toEqual(before);
  });

  test('runs on one thread when told to', async () => {
    const { stdout } = await run(`
      const backend = wasm({ threads: 1 });
      await useBackend(backend);
      console.log(JSON.stringify(backend.capabilities()));
    `);
    expect(JSON.parse(stdout)).toEqual({ threads: 1 });
  });

  test('goes on with one thread, and says why, where no worker can start', async () => {
    const { stdout } = await run(`
      import workers from 'node:worker_threads';
      workers.Worker = class { constructor() { throw new Error('no workers here'); } };
      const backend = wasm({ threads: 4 });
      await useBackend(backend);
      const { threads, oneThreadBecause } = backend.capabilities();
      console.log(JSON.stringify({ threads, because: oneThreadBecause.message }));
    `);
    expect(JSON.parse(stdout)).toEqual({ threads: 1, because: 'no workers here' });
  });

  test('hears of its own fatal errors', async () => {
    const { stdout } = await run(`
      process.on('uncaughtException', ({ message }) => console.log('heard', message));
      await useBackend(wasm());
      setTimeout(() => { throw new Error('mine'); });
    `);
    expect(stdout).toContain('heard mine');
  });

  test('may be a worker thread', async () => {
    const { stdout } = await run(`
      import { Worker, isMainThread } from 'node:worker_threads';
      if (isMainThread) new Worker(new URL(import.meta.url));
      else {
        await useBackend(wasm());
        console.log('started');
      }
    `);
    expect(stdout).toContain('started');
  });
});

async function run(source: string): Promise<{ stdout: string }> {
  const file = `${folder}/${Math.random().toString(36).slice(2)}.mjs`;
  await writeFile(file, `import { useBackend, wasm } from './bundle.mjs';\n${source}`);
  return promisify(execFile)(process.execPath, [file], { timeout: 30_000 });
}

async function leftovers(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => /wasm/i.test(name));
}
