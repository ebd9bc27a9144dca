import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';

/**
 * What a bundler takes of an entry for some of its exports, in bytes, minified and gzipped: our own code, without what it
 * imports from other packages.
 *
 * @param entry a built file
 * @param names exports, with commas; `*` for all
 */
export async function bundleSize(entry, names) {
  const list = names === '*' ? '*' : `{ ${names} }`;
  const { outputFiles } = await build({
    stdin: { contents: `export ${list} from ${JSON.stringify(entry)};`, resolveDir: '.' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    target: 'es2022',
    plugins: [{ name: 'others', setup: (on) => on.onResolve({ filter: /^[^./]/ }, outside) }],
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0].contents).length;
}

function outside({ path, kind }) {
  return kind === 'entry-point' ? undefined : { path, external: true, sideEffects: false };
}
