import { build } from 'esbuild';

export interface BundleOptions {
  /** Other names for packages, as esbuild's `alias`: what to load in the place of what is asked for. */
  alias?: Record<string, string>;
}

/** One ES module for a browser, made from a TypeScript file and all that it imports, our packages from their sources. */
export async function bundle(entry: string, { alias = {} }: BundleOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    conditions: ['@lowrank/source'],
    sourcemap: 'inline',
    logLevel: 'silent',
    // What only Node runs is imported by what runs.
    external: ['node:*'],
    alias,
  });
  return outputFiles[0]!.text;
}
