import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsup';
import { afterAll, beforeAll } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs programs in processes of their own, which cannot read our sources: these are bundled before the tests of a file,
 * tfjs left outside. All that core exports is at hand in a program, and `wasm`.
 */
export function processes(): (program: string) => Promise<{ stdout: string }> {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(`${root}node_modules/.process-test-`);
    await writeFile(
      `${folder}/entry.ts`,
      "export * as core from '@lowrank/core';\nexport { wasm } from '@lowrank/backend-wasm';\n",
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

  return async (program) => {
    const file = `${folder}/${Math.random().toString(36).slice(2)}.mjs`;
    await writeFile(file, `import { core, wasm } from './bundle.mjs';\nconst { useBackend } = core;\n${program}`);
    return promisify(execFile)(process.execPath, [file], { timeout: 120_000 });
  };
}
