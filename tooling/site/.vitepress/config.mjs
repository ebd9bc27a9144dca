import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { dist, pages } from '../src/folders.mjs';

const page = (text, link) => ({ text, link });

const guides = [
  {
    text: 'Start',
    items: [
      page('In Node', '/start-node'),
      page('In the browser', '/start-browser'),
      page('With tfjs-layers', '/start-tfjs-layers'),
      page('What there is', '/overview'),
    ],
  },
  {
    text: 'Guides',
    items: [
      page('Get a model', '/getting-a-model'),
      page('Choose ranks', '/rank'),
      page('Many adapters', '/manager'),
      page('Hand over to PEFT, vLLM, llama.cpp', '/hand-over'),
      page('The command line', '/cli'),
    ],
  },
  {
    text: 'Extend',
    items: [page('Add a backend', '/backends'), page('Add a model family', '/model-families')],
  },
  {
    text: 'Measured',
    items: [
      page('Benchmarks', '/benchmarks'),
      page('Predictions', '/predictions'),
      page('Conformance', '/conformance'),
      page('What it survives', '/reliability'),
      page('Beside Transformers and PEFT', '/peers'),
    ],
  },
  { text: 'Packages', collapsed: true, items: pagesIn('packages') },
  { text: 'Examples', collapsed: true, items: pagesIn('examples') },
  {
    text: 'Work on it',
    collapsed: true,
    items: [page('Contributing', '/CONTRIBUTING'), ...pagesIn('decisions')],
  },
];

export default defineConfig({
  title: 'lowrank',
  description: 'Fine-tune and serve LoRA adapters in TypeScript, in Node and in the browser',
  srcDir: pages,
  outDir: dist,
  lang: 'en-GB',
  // The pages are small, and the build is a gate: what minifying saves is not worth its time.
  vite: { build: { minify: false } },
  themeConfig: {
    nav: [page('Start', '/start-node'), page('Guides', '/rank'), page('API', '/api/')],
    sidebar: { '/': guides, '/api/': [{ text: 'API reference', items: apiPages() }] },
    search: { provider: 'local' },
    outline: [2, 3],
  },
});

/** The pages of a folder, by their own headings. */
function pagesIn(folder) {
  const names = readdirSync(join(pages, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => {
    const heading = /^# (.+)$/m.exec(readFileSync(join(pages, folder, name), 'utf8'));
    return page(heading?.[1] ?? name, `/${folder}/${name.replace(/\.md$/, '')}`);
  });
}

function apiPages() {
  const names = readdirSync(join(pages, 'api'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  return names.sort().map((name) => page(name.replace(/(\/index)?\.md$/, ''), `/api/${name.replace(/\.md$/, '')}`));
}
