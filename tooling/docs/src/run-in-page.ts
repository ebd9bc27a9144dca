import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { runInBrowser } from '@lowrank/browser';

const require = createRequire(import.meta.url);
const folderOf = (file: string) => dirname(require.resolve(file));

// What is published, rather than the sources that a bundle takes else.
const built = Object.fromEntries(
  ['backend-wasm', 'core', 'core/plan', 'formats', 'manager', 'models', 'trainer'].map((name) => [
    `@lowrank/${name}`,
    require.resolve(`@lowrank/${name}`),
  ]),
);

/** Runs a block in Chromium, with the folders that docs/start-browser.md has a page serve, and gives what it logs. */
export async function runInPage(file: string): Promise<string> {
  const entry = file.replace(/\.mjs$/, '-page.mjs');
  await writeFile(
    entry,
    `export default async () => {
      const lines = [];
      console.log = (...values) => lines.push(values.join(' '));
      await import('./${basename(file)}');
      return lines.join('\\n');
    };`,
  );
  return runInBrowser<string>({
    entry,
    folders: {
      '/tiny-base/': folderOf('@lowrank/tiny-base/model/config.json'),
      '/wasm/': join(folderOf('@tensorflow/tfjs-backend-wasm/package.json'), 'wasm-out'),
    },
    alias: { ...built, '@huggingface/hub': hubInBrowser() },
  });
}

/** esbuild does not see the client's own mapping from Node's build to the browser's. */
function hubInBrowser(): string {
  const ofModels = createRequire(require.resolve('@lowrank/models'));
  return ofModels.resolve('@huggingface/hub').replace(/index\.js$/, 'browser/index.mjs');
}
