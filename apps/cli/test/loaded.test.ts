import { describe, expect, it } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const hook = `export async function load(url, context, next) { process._rawDebug('loads ' + url); return next(url, context); }`;
const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hook)}`)});`;

/** The packages that a command loads. */
async function loadedBy(...args: string[]): Promise<Set<string>> {
  const listen = ['--import', `data:text/javascript,${encodeURIComponent(register)}`];
  const { stderr } = await promisify(execFile)(process.execPath, [...listen, main, ...args]);
  const urls = [...stderr.matchAll(/loads (\S+)/g)].map(([, url]) => url as string);
  expect(urls.length).toBeGreaterThan(0);
  return new Set(
    urls.map((url) => /.*\/(?:node_modules|packages)\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? 'the command line'),
  );
}

describe('what a command loads', () => {
  it('is the command table alone for --help', async () => {
    expect(await loadedBy('--help')).toEqual(new Set(['the command line', 'commander']));
  });

  it("is no TensorFlow.js for a preset's plan", async () => {
    const loaded = await loadedBy('plan', '--model', 'gpt2-xl', '--rank', '16', '--targets', 'all-linear', '--json');
    expect([...loaded].sort()).toEqual(['commander', 'core', 'efficiency', 'models', 'pure-rand', 'the command line']);
  });
});
