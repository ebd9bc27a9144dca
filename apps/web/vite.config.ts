import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// Vite takes the hub client's Node build unless it is told where the browser's is.
const models = fileURLToPath(import.meta.resolve('@lowrank/models/package.json'));
const hub = join(dirname(models), 'node_modules/@huggingface/hub/dist/browser/index.mjs');

export default defineConfig({
  base: './',
  oxc: { jsx: { importSource: 'preact' } },
  resolve: { alias: { '@huggingface/hub': hub } },
  // tfjs starts its threads from the text of a function, which minifying breaks: it drops the `typeof` before outer names.
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, minify: false },
  worker: { format: 'es' },
});
