// Compiles native/*.ts into src/native/engine-bytes.ts: node native/build.mjs
import { writeFile } from 'node:fs/promises';
import { compile, textOf } from './compile.mjs';

await writeFile(new URL('../src/native/engine-bytes.ts', import.meta.url), textOf(await compile()));
