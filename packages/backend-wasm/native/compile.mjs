import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { main } from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('.', import.meta.url));
const flags = [
  ...['-O3', '--shrinkLevel', '1', '--converge', '--runtime', 'stub', '--noAssert'],
  ...['--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--noExportMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
];

/** engine.ts compiled twice, with relaxed SIMD and without. */
export async function compile() {
  return { relaxed: await bytes(['--enable', 'relaxed-simd']), plain: await bytes([]) };
}

/** The text of src/native/engine-bytes.ts: both packed as one, for they are nearly the same. */
export function textOf({ relaxed, plain }) {
  const packed = deflateRawSync(Buffer.concat([relaxed, plain]), { level: 9 });
  const lines = packed.toString('base64').match(/.{1,108}/g);
  return `// Made from native/*.ts by native/build.mjs.

/** Where the engine without relaxed SIMD begins in the inflated bytes; the one with it comes before. */
export const plainFrom = ${relaxed.length};

export const deflatedBytes =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
}

async function bytes(extra) {
  const made = {};
  const { error } = await main(['engine.ts', '-o', 'engine.wasm', '--baseDir', folder, ...flags, ...extra], {
    writeFile: (name, contents) => (made[name] = contents),
  });
  if (error) throw error;
  return made['engine.wasm'];
}
