// A copy of the committed workspace with what was built, where versions can change and nothing of the clone does.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function copyWorkspace(copy) {
  execFileSync('git', ['clone', '--quiet', '--shared', root, copy]);
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const folder of packageFolders()) {
    // Links between packages are relative, so that those of the copy lead to the copy.
    for (const name of ['dist', 'node_modules']) {
      const from = join(root, folder, name);
      if (existsSync(from)) cpSync(from, join(copy, folder, name), { recursive: true, verbatimSymlinks: true });
    }
  }
}

/**
 * Writes into each manifest where its source is, which npm compares with who signs. The forge says it in the environment of
 * a workflow; @returns it, or undefined where nobody does.
 */
export function nameRepository(copy) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  if (!server || !name) return undefined;
  const url = `git+${server}/${name}.git`;
  for (const directory of packageFolders()) {
    const file = join(copy, directory, 'package.json');
    const manifest = { ...JSON.parse(readFileSync(file, 'utf8')), repository: { type: 'git', url, directory } };
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  return url;
}

function packageFolders() {
  return ['packages', 'apps'].flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`));
}
