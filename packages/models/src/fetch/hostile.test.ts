import { fetchModel } from '@lowrank/models';
import { describe, errorOf, expect, it, type HubContents } from '@lowrank/testing';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withHub } from '../../test/hub.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const good = { type: 'file', path: 'config.json', size: 2, oid: 'a'.repeat(40) };
const files = { 'config.json': bytes('{}'), 'model.safetensors': bytes('w') };

describe('refuses whole, writing nothing, a listing with', () => {
  const listings: [string, unknown, RegExp][] = [
    ['a path upwards', [good, { ...good, path: '../x' }], /"\.\.\/x".*outside/],
    ['a path upwards within', [good, { ...good, path: 'a/../../x' }], /outside/],
    ['an absolute path', [{ ...good, path: '/etc/x' }], /outside/],
    ['a backslash', [{ ...good, path: '..\\x' }], /outside/],
    ['a drive letter', [{ ...good, path: 'C:x' }], /outside/],
    ['NUL', [{ ...good, path: 'a\0b' }], /outside/],
    ['a path of no characters', [{ ...good, path: '' }], /outside/],
    ['a path too long', [{ ...good, path: 'a/'.repeat(600) + 'a' }], /outside/],
    ['no path', [{ type: 'file' }], /outside/],
    ['a negative size', [{ ...good, size: -1 }], /-1 bytes/],
    ['a size that is a text', [{ ...good, size: '2' }], /"2" bytes/],
    ['a size beyond all disks', [{ ...good, size: 2 ** 60 }], /bytes/],
    ['a hash that is a path', [{ ...good, oid: '../../x' }], /40 hex digits/],
    ['a short checksum', [{ ...good, lfs: { oid: 'ab' } }], /64 hex digits/],
    ['a file twice', [good, good], /listed twice/],
    [
      'a configuration of gigabytes',
      [
        { ...good, size: 2 ** 33 },
        { ...good, path: 'model.safetensors' },
      ],
      /134217728 at most/,
    ],
    ['no list', { error: 'x' }, /none of its API/],
    [
      'more files than any model has',
      Array.from({ length: 20_001 }, (_, index) => ({ ...good, path: `${index}` })),
      /more than 20000 files/,
    ],
  ];
  for (const [what, listing, message] of listings) {
    it(what, () =>
      withHub({ 'org/m': { files, listing } }, async ({ options, requests }) => {
        const error = await errorOf(() => fetchModel('org/m', options));
        expect(error).toMatchObject({ code: 'file-invalid', message: expect.stringMatching(message) });
        expect(requests.some(({ path }) => path.includes('/resolve/'))).toBe(false);
        expect(await readdir(options.cacheDir)).toEqual([]);
      }),
    );
  }
});

it('refuses a listing that never ends, though its pages are empty', () => {
  const contents: HubContents = { files, listing: [] };
  return withHub({ 'org/m': contents }, async ({ options }) => {
    contents.link = { link: `<${options.endpoint}/api/models/org/m/tree/main>; rel="next"` };
    const error = await errorOf(() => fetchModel('org/m', options));
    expect(error).toMatchObject({ code: 'file-invalid', rule: 'its listing has more than 200 pages' });
  });
});

it('refuses an index whose shards lie outside, or are not there', async () => {
  const index = (shard: string) => ({
    ...files,
    'model.safetensors.index.json': bytes(JSON.stringify({ weight_map: { a: shard } })),
  });
  for (const [shard, code] of [
    ['../a.safetensors', 'file-invalid'],
    ['/a.safetensors', 'file-invalid'],
    ['b.safetensors', 'file-missing'],
  ] as const) {
    const { 'model.safetensors': _, ...rest } = index(shard) as Record<string, Uint8Array>;
    await withHub({ 'org/m': { files: rest } }, async ({ options }) => {
      expect(await errorOf(() => fetchModel('org/m', options))).toMatchObject({ code });
    });
  }
});

it('refuses a listing that goes on at another host, and sends the token to the endpoint alone', () =>
  withHub({ 'org/m': { files } }, async (hub) => {
    await fetchModel('org/m', { ...hub.options, token: 'secret' });
    expect(hub.requests.filter(({ cdn }) => cdn).map(({ token }) => token)).toEqual([undefined]);
    expect(new Set(hub.requests.filter(({ cdn }) => !cdn).map(({ token }) => token))).toEqual(
      new Set(['Bearer secret']),
    );
    const listing = [good];
    const link = { link: '<http://127.0.0.1:9/steal>; rel="next"' };
    await withHub({ 'org/m': { files, listing, link } }, async ({ options, requests }) => {
      const error = await errorOf(() => fetchModel('org/m', { ...options, token: 'secret' }));
      expect(error).toMatchObject({ code: 'file-invalid', rule: expect.stringContaining('another host, 127.0.0.1:9') });
      expect(requests).toHaveLength(2);
    });
  }));

describe('refuses a cache in which', () => {
  it('a file of the model leads outside', () =>
    withHub({ 'org/m': { files } }, async ({ options }) => {
      const { path = '' } = await fetchModel('org/m', options);
      await symlink('/etc/hostname', join(path, 'tokenizer.json'));
      const error = await errorOf(() => fetchModel('org/m', { ...options, offline: true }));
      expect(error).toMatchObject({
        code: 'file-invalid',
        given: join(path, 'tokenizer.json'),
        rule: expect.stringContaining('out of the cache'),
      });
    }));

  it('a folder leads outside', () =>
    withHub({ 'org/m': { files } }, async ({ options }) => {
      const [outside, repo] = [join(options.cacheDir, 'outside'), join(options.cacheDir, 'models--org--m')];
      await mkdir(outside);
      await mkdir(repo);
      await symlink(outside, join(repo, 'blobs'));
      expect(await errorOf(() => fetchModel('org/m', options))).toMatchObject({
        code: 'file-invalid',
        given: join(repo, 'blobs'),
      });
      expect(await readdir(outside)).toEqual([]);
    }));
});

describe('says why the hub refuses:', () => {
  const hub = (contents: HubContents) => ({ 'org/m': contents });
  const cases: [string, Record<string, HubContents>, string, { rule?: RegExp; fix?: RegExp; code?: string }][] = [
    ['no such model', {}, 'org/none', { rule: /no such model, or it is not yours/, fix: /HF_TOKEN/ }],
    ['no such revision', hub({ files }), 'org/m@v9', { rule: /no such branch, tag or commit/ }],
    ['a gated model', hub({ files, gated: 'hf_x' }), 'org/m', { rule: /gated/, fix: /HF_TOKEN/ }],
    [
      'only pickles',
      hub({ files: { 'config.json': bytes('{}'), 'pytorch_model.bin': bytes('p') } }),
      'org/m',
      { code: 'file-missing', rule: /pickle \(pytorch_model\.bin\), which can run code/ },
    ],
    [
      'no weights',
      hub({ files: { 'README.md': bytes('') } }),
      'org/m',
      { code: 'file-missing', rule: /it has none of model\.safetensors/ },
    ],
  ];
  for (const [what, repos, id, { code = 'hub-refused', rule = /./, fix = /./ }] of cases) {
    it(what, () =>
      withHub(repos, async ({ options }) => {
        const error = await errorOf(() => fetchModel(id, options));
        expect(error).toMatchObject({ code, rule: expect.stringMatching(rule), fix: expect.stringMatching(fix) });
      }),
    );
  }

  it('a gated model opens with its token, and refuses another', () =>
    withHub(hub({ files, gated: 'hf_x' }), async ({ options }) => {
      expect(await errorOf(() => fetchModel('org/m', { ...options, token: 'hf_y' }))).toMatchObject({
        fix: expect.stringContaining('yours may not'),
      });
      expect((await fetchModel('org/m', { ...options, token: 'hf_x' })).files).toHaveLength(2);
    }));

  it('a place that is no hub', async () => {
    expect(await errorOf(() => fetchModel('org/m', { endpoint: 'ftp://x' }))).toMatchObject({ code: 'config-invalid' });
    expect(await errorOf(() => fetchModel('org/m', { token: 'a\nb' }))).toMatchObject({
      code: 'config-invalid',
      given: "the hub's token",
    });
  });

  it('a cache folder that cannot be one', () =>
    withHub(hub({ files }), async ({ options }) => {
      const cacheDir = join(options.cacheDir, 'file');
      await writeFile(cacheDir, 'mine');
      expect(await errorOf(() => fetchModel('org/m', { ...options, cacheDir }))).toMatchObject({
        code: 'file-unwritable',
      });
      expect(await readFile(cacheDir, 'utf8')).toBe('mine');
    }));
});
