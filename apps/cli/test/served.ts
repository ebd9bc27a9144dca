import { planAdapter, type Adapter } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import type { CausalModel } from '@lowrank/models';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export const tinyFolder = join(
  dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')),
  'model',
);

export interface Served {
  url: string;
  /** The value of one metric. */
  metric(name: string): Promise<number>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** What it has told so far, one object a line. */
  events: Record<string, unknown>[];
  /** Sends SIGTERM, and gives the exit code. */
  stop(): Promise<number | null>;
}

/** Runs `body` beside a server in a process of its own. */
export async function withServer(args: string[], body: (server: Served) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--backend', 'wasm', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    const lines = createInterface({ input: child.stdout });
    const events: Served['events'] = [];
    lines.on('line', (line) => events.push(JSON.parse(line)));
    await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => reject(new Error('the server ended before it listened')));
    });
    const { url } = events[0] as { url: string };
    const post: Served['post'] = (path, json, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof json === 'string' ? json : JSON.stringify(json),
      });
    const metric = async (name: string) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)![1]);
    };
    const stop = () => {
      child.kill('SIGTERM');
      return ended;
    };
    await body({ url, metric, post, events, stop });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Adapters that write different texts: random factors, large enough to be heard. */
export async function writeAdapters(
  model: CausalModel,
  folder: string,
  names: string[],
): Promise<Map<string, Adapter>> {
  const plan = planAdapter({ rank: 4, alpha: 16, targetModules: 'all-linear' }, model.modules());
  const adapters = new Map<string, Adapter>();
  for (const [seed, name] of names.entries()) {
    using manager = new LoraManager(model);
    manager.add(name, plan, { seed });
    const adapter = await manager.adapter(name);
    let state = seed + 1;
    for (const { data } of adapter.tensors.values()) {
      for (let index = 0; index < data.length; index++) {
        state = (state * 48_271) % 2_147_483_647;
        data[index] = 0.3 * (state / 2_147_483_647 - 0.5);
      }
    }
    adapters.set(name, adapter);
    await writePeft(join(folder, name), adapter);
  }
  return adapters;
}
