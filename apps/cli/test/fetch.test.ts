import { describe, expect, hubServer, it, sha256, withFolder, type HubServer } from '@lowrank/testing';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lowrank, quick, writeText } from './lowrank.js';

const tiny = join(dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')), 'model');
const adapter = fileURLToPath(new URL('../../../tooling/goldens/data/lowrank-adapter', import.meta.url));

async function filesOf(folder: string): Promise<Record<string, Uint8Array>> {
  const names = (await readdir(folder)).filter((name) => /\.(json|safetensors)$/.test(name));
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}

/** Runs `body` with a hub that has the embedded model, and the environment that leads there. */
function withHub(body: (hub: HubServer, env: NodeJS.ProcessEnv, folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const hub = await hubServer({ 'org/tiny': { files: await filesOf(tiny), commit: 'a'.repeat(40) } });
    try {
      await body(hub, { HF_ENDPOINT: hub.endpoint, HF_HOME: join(folder, 'hf') }, folder);
    } finally {
      await hub.close();
    }
  });
}

describe('a model on the hub', () => {
  it('is fetched with a line a file on stderr, and its folder, commit and hashes on stdout', () =>
    withHub(async (_, env, folder) => {
      const { code, stdout, stderr } = await lowrank(['fetch', 'org/tiny'], { env });
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/fetching org\/tiny: model\.safetensors, .* MiB/),
      });
      const snapshot = join(folder, 'hf', 'hub', 'models--org--tiny', 'snapshots', 'a'.repeat(40));
      expect(stdout.split('\n')[0]).toBe(snapshot);
      expect(stdout).toMatch(/model\.safetensors +.* MiB +[0-9a-f]{64}/);
    }));

  it('gives events with --json, and with --offline comes from the cache', () =>
    withHub(async (hub, env) => {
      const absent = await lowrank(['fetch', 'org/tiny', '--offline', '--json'], { env });
      expect(absent).toMatchObject({ code: 1, events: [{ type: 'error', code: 'file-missing' }] });
      expect(hub.requests).toEqual([]);
      const { events } = await lowrank(['fetch', 'org/tiny', '--json'], { env });
      const last = events.findLast(({ type }) => type === 'fetch')!;
      expect(last).toMatchObject({
        id: 'org/tiny',
        totalBytes: events.at(-1)!['bytes'],
        totalSize: events.at(-1)!['bytes'],
      });
      hub.requests.length = 0;
      const again = await lowrank(['fetch', 'org/tiny', '--offline', '--json'], { env });
      expect(again.events).toEqual([{ ...events.at(-1) }]);
      expect(hub.requests).toEqual([]);
    }));

  it('serves wherever a model is named, and the adapter names its base as Python reads it', () =>
    withHub(async (_, env, folder) => {
      const { code, events } = await lowrank(['plan', '--model', 'org/tiny@main', '--json'], { env });
      expect([code, events.at(-1)!['type']]).toEqual([0, 'plan']);
      const data = await writeText(folder);
      const out = join(folder, 'run');
      const args = ['train', ...quick, '--data', data, '--out', out, '--steps', '1', '--offline', '--json'];
      args[args.indexOf('tiny')] = 'org/tiny@main';
      const fetched = await lowrank(['fetch', 'org/tiny'], { env });
      expect(fetched.code).toBe(0);
      const trained = await lowrank(args, { env });
      expect({ code: trained.code, stderr: trained.stderr }).toMatchObject({ code: 0 });
      const config = JSON.parse(await readFile(join(out, 'adapter_config.json'), 'utf8'));
      expect(config.base_model_name_or_path).toBe('org/tiny');
    }));

  it('may be an adapter', () =>
    withFolder(async (folder) => {
      const hub = await hubServer({ 'org/adapter': { files: await filesOf(adapter) } });
      const env = { HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: folder };
      try {
        const { code, events } = await lowrank(['inspect', 'org/adapter', '--json'], { env });
        expect([code, events.at(-1)]).toEqual([0, expect.objectContaining({ type: 'adapter' })]);
        const error = await lowrank(['eval', '--model', 'tiny', '--adapter', 'org/none', '--data', folder, '--json'], {
          env,
        });
        expect(error.events.at(-1)).toMatchObject({ type: 'error' });
      } finally {
        await hub.close();
      }
    }));

  it('keeps what came at Ctrl-C and exits with 130; the next fetch goes on', () =>
    withHub(async (hub, env) => {
      hub.fault = ({ cdn, range }) => (cdn ? (range ? { status: 503 } : { cutAfter: 1_000_000 }) : undefined);
      const stopped = await lowrank(['fetch', 'org/tiny', '--json'], {
        env,
        onLine: (line, child) => /model\.safetensors","bytes":[1-9]/.test(line) && child.kill('SIGINT'),
      });
      expect({ code: stopped.code, stderr: stopped.stderr }).toMatchObject({
        code: 130,
        stderr: expect.stringContaining('is kept'),
      });
      hub.fault = undefined;
      hub.requests.length = 0;
      expect((await lowrank(['fetch', 'org/tiny'], { env })).code).toBe(0);
      expect(hub.requests.find(({ cdn }) => cdn)?.range).toMatch(/^bytes=[1-9]\d*-/);
    }));

  it('may be fetched by two processes at once: both have it whole', () =>
    withHub(async (_, env) => {
      const both = await Promise.all([0, 1].map(() => lowrank(['fetch', 'org/tiny', '--json'], { env })));
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      const [first, second] = both.map(({ events }) => events.at(-1)!);
      expect(first).toEqual(second);
      const weights = await readFile(join(first!['path'], 'model.safetensors'));
      expect(sha256(weights)).toBe(sha256(await readFile(join(tiny, 'model.safetensors'))));
    }));

  it('says that the disk is full, and keeps what came', () =>
    withHub(async (_, env, folder) => {
      const { code, events } = await lowrank(['fetch', 'org/tiny', '--json'], { env, largestFile: 1024 });
      expect([code, events.at(-1)]).toMatchObject([
        1,
        { code: 'file-unwritable', fix: expect.stringContaining('is kept') },
      ]);
      const blobs = await readdir(join(folder, 'hf', 'hub', 'models--org--tiny', 'blobs'));
      expect(blobs.some((name) => name.endsWith('.lowrank.incomplete'))).toBe(true);
    }));
});
