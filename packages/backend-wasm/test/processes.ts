import { bundledFor } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs programs in processes of their own. All that core exports is at hand in a program, and `wasm`. */
export function processes(): (program: string) => Promise<{ stdout: string }> {
  const folder = bundledFor({
    root: fileURLToPath(new URL('..', import.meta.url)),
    name: '@lowrank/backend-wasm',
    exports: "export * as core from '@lowrank/core';\nexport { wasm } from '@lowrank/backend-wasm';\n",
  });
  return async (program) => {
    const file = `${folder()}/${Math.random().toString(36).slice(2)}.mjs`;
    await writeFile(file, `import { core, wasm } from './bundle.mjs';\nconst { useBackend } = core;\n${program}`);
    return promisify(execFile)(process.execPath, [file], { timeout: 120_000 });
  };
}
