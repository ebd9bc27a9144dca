// Assembles transpose.wat into src/simd/transpose-bytes.ts. It needs the npm package wabt, which nothing else here does:
// npm install --no-save wabt && node simd/build.mjs
import { readFile, writeFile } from 'node:fs/promises';
import wabt from 'wabt';

const source = await readFile(new URL('transpose.wat', import.meta.url), 'utf8');
const { parseWat } = await wabt();
const bytes = parseWat('transpose.wat', source, { threads: true, simd: true }).toBinary({}).buffer;
const lines = Buffer.from(bytes).toString('base64').match(/.{1,108}/g);
const text = `// Made from simd/transpose.wat by simd/build.mjs.\nexport const transposeBytes =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
await writeFile(new URL('../src/simd/transpose-bytes.ts', import.meta.url), text);
