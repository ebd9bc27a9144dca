import { readFile } from 'node:fs/promises';
import wabt from 'wabt';

/** The text of src/simd/transpose-bytes.ts, assembled from transpose.wat. */
export async function assemble() {
  const source = await readFile(new URL('transpose.wat', import.meta.url), 'utf8');
  const { parseWat } = await wabt();
  const bytes = parseWat('transpose.wat', source, { threads: true, simd: true }).toBinary({}).buffer;
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,108}/g);
  const base64 = lines.map((line) => `  '${line}'`).join(' +\n');
  return `// Made from simd/transpose.wat by simd/build.mjs.\nexport const transposeBytes =\n${base64};\n`;
}
