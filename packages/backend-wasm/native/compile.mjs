import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

const flags = ['-O3', '--converge', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--enable', 'threads'];
const folder = fileURLToPath(new URL('.', import.meta.url));
const memory = [
  '--importMemory',
  '--noExportMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
];

/** The text of src/native/engine-bytes.ts, compiled from engine.ts twice: with and without relaxed SIMD. */
export async function compile() {
  const plain = await bytes([]);
  const relaxed = await bytes(['--enable', 'relaxed-simd']);
  return `// Made from native/*.ts by native/build.mjs.\n${text('plainBytes', plain)}\n${text('relaxedBytes', relaxed)}`;
}

async function bytes(extra) {
  const made = {};
  const { error } = await main(['engine.ts', '-o', 'engine.wasm', '--baseDir', folder, ...flags, ...memory, ...extra], {
    writeFile: (name, contents) => (made[name] = contents),
  });
  if (error) throw error;
  return made['engine.wasm'];
}

function text(name, contents) {
  const lines = Buffer.from(contents)
    .toString('base64')
    .match(/.{1,108}/g);
  return `export const ${name} =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}
