// Assembles transpose.wat into src/simd/transpose-bytes.ts: node simd/build.mjs
import { writeFile } from 'node:fs/promises';
import { assemble } from './assemble.mjs';

await writeFile(new URL('../src/simd/transpose-bytes.ts', import.meta.url), await assemble());
