// The releases of Node that we promise, each from npm, beside the one that runs this.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { call, write } from './blank-project.mjs';

const majors = [20, 22, 24];

/** @returns `[{ version, node }]`, where `node` is the program. */
export async function provideNodes(folder) {
  const system = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  const dependencies = Object.fromEntries(majors.map((major) => [`node-${major}`, `npm:${system}@${major}`]));
  write(folder, { 'package.json': JSON.stringify({ private: true, dependencies }) });
  await call(['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund'], folder);
  const program = (major) => join(folder, 'node_modules', `node-${major}`, 'bin', 'node');
  return Promise.all(
    majors.map(async (major) => {
      const node = program(major);
      return { node, version: (await call([node, '--version'], folder)).trim().slice(1) };
    }),
  );
}
