// What the repository ships: each package and app with its manifest, its files and what they import.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importsOf } from './imports-of.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface Manifest {
  name: string;
  exports?: Record<string, unknown>;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

export interface SourceFile {
  /** Relative to the root, as an editor opens it. */
  path: string;
  /** Relative to the package. */
  inPackage: string;
  /** Whether it is published: below `src` and no test. */
  shipped: boolean;
  imports: string[];
}

export interface Package {
  manifest: Manifest;
  files: SourceFile[];
}

/** Every package and app, in the order of their folders. */
export const packages: Package[] = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => readPackage(join(root, group, name))),
);

function readPackage(folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const paths = ['src', 'test'].flatMap((part) => sourcesIn(folder, part));
  return { manifest, files: paths.map((path) => readSource(folder, path)) };
}

function sourcesIn(folder: string, part: string): string[] {
  if (!existsSync(join(folder, part))) return [];
  const paths = readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.ts')).map((path) => `${part}/${path.replaceAll('\\', '/')}`);
}

function readSource(folder: string, inPackage: string): SourceFile {
  const file = join(folder, inPackage);
  const shipped = inPackage.startsWith('src/') && !inPackage.endsWith('.test.ts');
  return { path: relative(root, file), inPackage, shipped, imports: importsOf(file, readFileSync(file, 'utf8')) };
}
