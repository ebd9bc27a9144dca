import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;

// A place outside the repository, where tfjs-core can be found and no backend of ours: what `npm install @lowrank/core` gives.
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'lowrank-core-')));
  await build({
    config: false,
    entry: { core: fileURLToPath(new URL('../src/index.ts', import.meta.url)) },
    outDir: folder,
    outExtension: () => ({ js: '.mjs' }),
    format: 'esm',
    target: 'node20',
    platform: 'node',
    external: [/^@tensorflow/],
    noExternal: [/^(?!@tensorflow)/],
    silent: true,
  });
  const tfjs = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json'));
  await mkdir(join(folder, 'node_modules', '@tensorflow'), { recursive: true });
  await symlink(await realpath(tfjs), join(folder, 'node_modules', '@tensorflow', 'tfjs-core'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a program that uses 'auto'", () => {
  test('is told what to install where no backend package is', async () => {
    const { code, rule, fix } = await run("await useBackend('auto').catch(report);");
    expect(code).toBe('backend-unavailable');
    expect(rule).toBe(
      'one of @lowrank/backend-webgpu, @lowrank/backend-node, @lowrank/backend-wasm must be installed where lowrank can find it',
    );
    expect(fix).toContain('install @lowrank/backend-wasm');
  });

  test('is told of a damaged package, which must not pass for an absent one', async () => {
    const place = join(folder, 'node_modules', '@lowrank', 'backend-wasm');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
    await writeFile(join(place, 'index.js'), "throw new RangeError('damaged');");
    expect(await run("await useBackend('auto').catch(report);")).toEqual({ message: 'damaged' });
  });
});

async function run(source: string): Promise<Record<string, string>> {
  const program = join(folder, 'program.mjs');
  await writeFile(
    program,
    `import { useBackend } from './core.mjs';
     const report = ({ code, rule, fix, message }) => console.log(JSON.stringify(code ? { code, rule, fix } : { message }));
     ${source}`,
  );
  const env = { ...process.env, NODE_PATH: '' }; // pnpm's runners set it, and it finds every package
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder, env });
  return JSON.parse(stdout) as Record<string, string>;
}
