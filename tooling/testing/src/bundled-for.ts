import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'tsup';
import { afterAll, beforeAll } from 'vitest';

export interface BundleOptions {
  /** The folder of the package under test, which ends in a slash. */
  root: string;
  /** That package's name. */
  name: string;
  /** What the bundle exports: the text of a module. */
  exports: string;
  /** Packages to leave outside, beyond tfjs's. */
  external?: string[];
}

/**
 * Processes of their own cannot read our sources: this bundles them before the tests of a file, tfjs left outside.
 *
 * @returns the folder that holds `bundle.mjs`, known once the tests run
 */
export function bundledFor({ root, name, exports, external = [] }: BundleOptions): () => string {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(`${root}node_modules/.process-test-`);
    const entry = join(folder, 'entry.ts');
    await writeFile(entry, exports);
    await build({
      config: false,
      entry: { bundle: entry },
      outDir: folder,
      outExtension: () => ({ js: '.mjs' }),
      format: 'esm',
      target: 'node20',
      platform: 'node',
      external: [/^@tensorflow/, ...external],
      noExternal: [/^@lowrank/],
      silent: true,
      esbuildOptions: (options) => {
        options.conditions = ['@lowrank/source'];
        options.alias = { [name]: `${root}src/index.ts` };
      },
    });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  return () => folder;
}
