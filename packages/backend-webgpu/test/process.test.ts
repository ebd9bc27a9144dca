// Faults that only a process of its own can have: no driver at all, no package `webgpu`.
import { bundledFor, describe, expect } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const inside = bundledFor({
  root,
  name: '@lowrank/backend-webgpu',
  exports: "export * from '@lowrank/core';\nexport { webgpu } from '@lowrank/backend-webgpu';\n",
  external: ['webgpu'],
});

describe('a process without a graphics card', () => {
  test('is told so by Dawn itself, keeps its backend, and goes on with the next of auto', async () => {
    const found = await run(inside(), {
      VK_ICD_FILENAMES: '/nowhere.json',
      VK_DRIVER_FILES: '/nowhere.json',
      VK_LOADER_DRIVERS_DISABLE: '*',
    });
    expect(found).toEqual({
      code: 'backend-unavailable',
      rule: 'a graphics adapter must answer',
      fix: expect.stringContaining('libvulkan1'),
      active: 'plain',
      auto: 'plain',
      notice: expect.stringContaining('a graphics adapter must answer'),
    });
  });

  test('and without the package webgpu is told to install it', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'backend-webgpu-')));
    try {
      const modules = join(folder, 'node_modules', '@tensorflow');
      await mkdir(modules, { recursive: true });
      for (const name of ['tfjs-core', 'tfjs-backend-webgpu']) {
        const manifest = require.resolve(`@tensorflow/${name}/package.json`);
        await symlink(await realpath(dirname(manifest)), join(modules, name));
      }
      await cp(join(inside(), 'bundle.mjs'), join(folder, 'bundle.mjs'));
      expect(await run(folder, {})).toMatchObject({
        code: 'backend-unavailable',
        rule: 'in Node, the package webgpu must be installed and load here',
        fix: expect.stringContaining('npm install webgpu'),
        active: 'plain',
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function run(folder: string, extra: Record<string, string>): Promise<Record<string, string>> {
  const program = join(folder, 'program.mjs');
  await writeFile(
    program,
    `import { KernelBackend, getBackend, registerBackend } from '@tensorflow/tfjs-core';
     import { useBackend, webgpu } from './bundle.mjs';
     registerBackend('plain', () => new KernelBackend());
     const plain = { name: 'plain', init: async () => {}, capabilities: () => ({ threads: 1 }) };
     await useBackend(plain);
     const { code, rule, fix } = await useBackend(webgpu()).then(() => ({}), (error) => error);
     const active = getBackend();
     let notice;
     const { name: auto } = await useBackend('auto', { among: [webgpu(), plain], notice: (line) => (notice = line) });
     console.log(JSON.stringify({ code, rule, fix, active, auto, notice }));
     process.exit(0);`,
  );
  const env = { ...process.env, NODE_PATH: '', ...extra }; // pnpm's runners set NODE_PATH, and it finds every package
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder, timeout: 30_000, env });
  return JSON.parse(stdout) as Record<string, string>;
}
