import { bundledFor, describe, expect } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'vitest';
import { tensorflowIsHere } from './tensorflow-is-here.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const here = await tensorflowIsHere();
const inside = bundledFor({
  root,
  name: '@lowrank/backend-node',
  exports: "export * from '@lowrank/core';\nexport { node } from '@lowrank/backend-node';\n",
});

describe('a process that uses node', () => {
  test('starts nothing until init', async () => {
    const { stdout } = await run(
      inside(),
      `import { engine } from '@tensorflow/tfjs-core';
       node();
       console.log(Object.keys(engine().registryFactory));`,
    );
    expect(stdout).toBe('[]\n');
  });

  test.runIf(here)('computes without a word on stderr, and ends by itself', async () => {
    const { stdout, stderr } = await run(inside(), `await useBackend(node()); ${product}`);
    expect({ stdout, stderr }).toEqual({ stdout: '200\n', stderr: '' });
  });

  test.runIf(here)('computes in a Node whose util has lost what tfjs-node calls, as Node 24 has', async () => {
    const lost = `
      import { createRequire } from 'node:module';
      delete createRequire(import.meta.url)('node:util').isNullOrUndefined;
      delete createRequire(import.meta.url)('node:util').isArray;`;
    const { stdout } = await run(inside(), `${lost} await useBackend(node()); ${product}`);
    expect(stdout).toBe('200\n');
  });

  test.runIf(here)('has the threads that it was told, and passes no setting on to its own children', async () => {
    const { stdout } = await run(
      inside(),
      `const backend = node({ threads: 1 });
       await useBackend(backend);
       console.log(backend.capabilities().threads, process.env.TF_NUM_INTRAOP_THREADS, process.env.OMP_NUM_THREADS);`,
    );
    expect(stdout).toBe('1 undefined undefined\n');
  });

  test.runIf(here)('takes a TensorFlow that the program started itself as it is', async () => {
    const { stdout } = await run(
      inside(),
      `await import('@tensorflow/tfjs-node'); await useBackend(node()); ${product}`,
    );
    expect(stdout).toBe('200\n');
  });

  test.runIf(here)(
    'says what memory it could not have, for which TensorFlow waits ten seconds, in one op and in a graph, and computes on',
    async () => {
      const { stdout } = await run(
        inside(),
        `import { frozenLinear } from './bundle.mjs';
       import { matMul, memory, ones, tidy } from '@tensorflow/tfjs-core';
       await useBackend(node());
       const layer = (rows, out) => tidy(() => frozenLinear(ones([rows, 1]), ones([1, out]), ones([out])));
       const product = (rows, out) => tidy(() => matMul(ones([rows, 1]), ones([1, out])));
       const errors = [layer, product].map((work) => {
         try { work(4e5, 3e5); } catch ({ code, given, fix }) { return { code, given, fix }; }
       });
       console.log(JSON.stringify({ errors, left: memory().numTensors, sum: [...layer(1, 2).dataSync()] }));`,
      );
      const outOfMemory = {
        code: 'out-of-memory',
        given: 'a float tensor of shape [400000, 300000]',
        fix: expect.stringContaining('a smaller batch'),
      };
      expect(JSON.parse(stdout)).toEqual({ errors: [outOfMemory, outOfMemory], left: 0, sum: [2, 2] });
    },
  );

  test.runIf(here)('is told to start a child process where it is a worker thread', async () => {
    const { stdout } = await run(
      inside(),
      `import { Worker, isMainThread } from 'node:worker_threads';
       if (isMainThread) new Worker(new URL(import.meta.url));
       else ${report}`,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'backend-unavailable',
      fix: expect.stringContaining('child process'),
    });
  });
});

describe('where something is missing, the error says what, how to get it, and leaves the active backend', () => {
  test('the package', async () => {
    const { stdout } = await elsewhere(async () => {});
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'backend-unavailable',
      rule: 'the package @tensorflow/tfjs-node must be installed',
      fix: expect.stringContaining('npm install @tensorflow/tfjs-node'),
      active: 'cpu',
    });
  });

  test('the addon', async () => {
    const { stdout } = await elsewhere(async (modules) => {
      await partialPackage(modules);
    });
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'backend-unavailable',
      rule: expect.stringMatching(/addon was not built: there is no .*tfjs_binding\.node/),
      fix: expect.stringContaining('npm rebuild @tensorflow/tfjs-node'),
      active: 'cpu',
    });
  });

  test('what the addon needs', async () => {
    const { stdout } = await elsewhere(async (modules) => {
      const addon = join(await partialPackage(modules), 'lib', 'napi-v8');
      await mkdir(addon, { recursive: true });
      await writeFile(join(addon, 'tfjs_binding.node'), 'no shared library');
    });
    expect(JSON.parse(stdout)).toMatchObject({
      code: 'backend-unavailable',
      rule: expect.stringMatching(/its addon .*tfjs_binding\.node must load: ./),
      fix: expect.stringContaining('--build-addon-from-source'),
      active: 'cpu',
    });
  });
});

const product = `
  const { matMul, ones } = await import('@tensorflow/tfjs-core');
  console.log(matMul(ones([300, 200]), ones([200, 100])).dataSync()[0]);`;

const report = `await useBackend(node()).catch(({ code, rule, fix }) =>
  console.log(JSON.stringify({ code, rule, fix, active: (globalThis.active ?? (() => ''))() })));`;

async function run(folder: string, source: string): Promise<{ stdout: string; stderr: string }> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(file, `import { useBackend, node } from './bundle.mjs';\n${source}`);
  const env = { ...process.env, NODE_PATH: '' }; // pnpm's runners set it, and it finds every package
  return promisify(execFile)(process.execPath, [file], { timeout: 60_000, env });
}

/** The same program in a folder of its own, where only tfjs-core, its cpu backend and what `add` makes can be found. */
async function elsewhere(add: (modules: string) => Promise<void>): Promise<{ stdout: string }> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'backend-node-')));
  try {
    const modules = join(folder, 'node_modules');
    await mkdir(join(modules, '@tensorflow'), { recursive: true });
    await symlink(await packageFolder('@tensorflow/tfjs-core'), join(modules, '@tensorflow', 'tfjs-core'));
    await cp(join(inside(), 'bundle.mjs'), join(folder, 'bundle.mjs'));
    await add(modules);
    return await run(
      folder,
      `import { getBackend, registerBackend, setBackend, KernelBackend } from '@tensorflow/tfjs-core';
       registerBackend('cpu', () => new KernelBackend());
       await setBackend('cpu');
       globalThis.active = getBackend;
       ${report}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** tfjs-node as an install without scripts leaves it, with nothing but what says where its addon is. */
async function partialPackage(modules: string): Promise<string> {
  const [real, folder] = [await packageFolder('@tensorflow/tfjs-node'), join(modules, '@tensorflow', 'tfjs-node')];
  await mkdir(folder, { recursive: true });
  await cp(join(real, 'package.json'), join(folder, 'package.json'));
  await symlink(join(dirname(dirname(real)), '@mapbox'), join(modules, '@mapbox'));
  return folder;
}

async function packageFolder(name: string): Promise<string> {
  return dirname(await realpath(require.resolve(`${name}/package.json`)));
}
