// What lowrank computes, beside Transformers and PEFT on the same files: `pnpm run peers`. Runs our sources, bundled.
import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { miniLm, smolLm2 } from './provide-models.mjs';
import { providePython, python } from './provide-python.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
try {
  providePython();
} catch (error) {
  console.error(`the grid cannot run: ${error.message}`);
  process.exit(3);
}
mkdirSync(join(here, 'node_modules'), { recursive: true });
const folder = mkdtempSync(join(here, 'node_modules', '.grid-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = join(folder, 'grid.mjs');
await build({
  entryPoints: [join(here, 'src', 'grid', 'main.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@lowrank/source'],
  external: ['@tensorflow/*'],
  logLevel: 'error',
});
const { main } = await import(pathToFileURL(outfile).href);
process.exitCode = await main(process.argv.slice(2), { here, python, miniLm, smolLm2 });
