import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank } from './lowrank.js';

/** The packages whose files a command loads, as V8 counts them. */
async function packagesOf(...args: string[]): Promise<string[]> {
  const packages = new Set<string>();
  await withFolder(async (folder) => {
    await lowrank(args, { env: { NODE_V8_COVERAGE: folder } });
    const [file] = await readdir(folder);
    const { result } = JSON.parse(await readFile(join(folder, file!), 'utf8')) as { result: { url: string }[] };
    const names = result.flatMap(({ url }) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    const own = result.flatMap(({ url }) => /\/packages\/([^/]+)\/dist/.exec(url)?.[1] ?? []);
    for (const name of [...names, ...own]) packages.add(name);
  });
  return [...packages].sort();
}

describe('start', () => {
  it('loads the parser of the command line, and nothing else, for help, a version and a wrong option', async () => {
    for (const args of [['--help'], ['train', '--help'], ['--version'], ['train', '--rnak']]) {
      expect(await packagesOf(...args)).toEqual(['commander']);
    }
  });

  it('loads what a command needs: a script for a shell needs no model', async () => {
    expect(await packagesOf('completion', 'bash')).toEqual(['commander']);
    const plan = await packagesOf('plan', '--model', 'gpt2', '--offline');
    expect(plan).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/tfjs-backend|plot|clack|yaml|jiti|trainer/)]),
    );
  });
});
