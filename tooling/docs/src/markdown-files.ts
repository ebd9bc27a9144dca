import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** @returns the README of the repository and of each package, and every page in `docs/`; `path` is from the root. */
export function markdownFiles(): { path: string; file: string }[] {
  const readmes = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`),
  );
  const pages = existsSync(join(root, 'docs'))
    ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    : [];
  const paths = [
    'README.md',
    ...readmes,
    ...pages.filter((page) => page.endsWith('.md')).map((page) => `docs/${page}`),
  ];
  return paths.map((path) => ({ path, file: join(root, path) })).filter(({ file }) => existsSync(file));
}
