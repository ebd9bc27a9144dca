import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';
import { dist, newPage, startLoading, type Site } from './site.js';

/** How much slower the processor of Lighthouse's phone is. */
const slower = 4;

/** How the page loads, as Lighthouse would ask. Times are in milliseconds, those before `loaded` on the slower processor. */
export interface Figures {
  /** Gzipped bytes before a model is chosen, and with one on wasm. */
  scripts: number;
  allScripts: number;
  firstPaint: number;
  largestPaint: number;
  /** The end of the last task over 50 ms, or the first paint. */
  interactive: number;
  /** What tasks over 50 ms take beyond that, summed. */
  blocked: number;
  /** From the click to a model that can train. */
  loaded: number;
}

export async function figuresOf(site: Site): Promise<Figures> {
  const page = await newPage(site);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  const paths = new Set<string>();
  page.on('response', (response) => paths.add(new URL(response.url()).pathname));
  await page.addInitScript(watch);
  await page.goto(`${site.origin}/index.html`);
  await page.getByRole('button', { name: 'Load the model' }).waitFor();
  await page.waitForTimeout(1500);
  const times = (await page.evaluate(watched)) as Omit<Figures, 'scripts' | 'allScripts' | 'loaded'>;
  const scripts = await gzipped(paths);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  const begun = performance.now();
  await startLoading(page);
  await page.getByRole('heading', { name: 'Train' }).waitFor();
  const loaded = performance.now() - begun;
  await page.context().close();
  return { ...times, scripts, allScripts: await gzipped(paths), loaded };
}

export function table({ scripts, allScripts, loaded, ...times }: Figures): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const kB = (value: number) => `${Math.round(value / 1000)} kB`;
  const rows = [
    ['JavaScript before a model is chosen, gzipped', kB(scripts)],
    ['first contentful paint', ms(times.firstPaint)],
    ['largest contentful paint', ms(times.largestPaint)],
    ['time to interactive', ms(times.interactive)],
    ['total blocking time', ms(times.blocked)],
    ['JavaScript with the model on wasm, gzipped', kB(allScripts)],
    ['from the click to a model that can train, at full speed', ms(loaded)],
  ];
  return ['| | |', '| --- | --- |', ...rows.map((cells) => `| ${cells.join(' | ')} |`), ''].join('\n');
}

async function gzipped(paths: Iterable<string>): Promise<number> {
  const scripts = Array.from(paths).filter((path) => path.endsWith('.js'));
  const sizes = await Promise.all(
    scripts.map(async (path) => gzipSync(await readFile(join(dist, normalize(path)))).length),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const watch = `
  globalThis.long = [];
  new PerformanceObserver((list) => globalThis.long.push(...list.getEntries())).observe({ entryTypes: ['longtask'] });
  new PerformanceObserver((list) => (globalThis.largest = list.getEntries().at(-1).startTime)).observe({
    type: 'largest-contentful-paint',
    buffered: true,
  });
`;

const watched = `(() => {
  const [paint] = performance.getEntriesByName('first-contentful-paint');
  const ends = globalThis.long.map(({ startTime, duration }) => startTime + duration);
  return {
    firstPaint: paint.startTime,
    largestPaint: globalThis.largest,
    interactive: Math.max(paint.startTime, ...ends),
    blocked: globalThis.long.reduce((sum, { duration }) => sum + Math.max(0, duration - 50), 0),
  };
})()`;
