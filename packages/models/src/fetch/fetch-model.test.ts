import { loadModel, fetchModel, readModules, type FetchProgress } from '@lowrank/models';
import { cpu, describe, errorOf, expect, it, sha256, type HubContents } from '@lowrank/testing';
import { useBackend } from '@lowrank/core';
import { lstat, mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from '../../test/golden.js';
import { goldenFiles, withHub } from '../../test/hub.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const model = async (): Promise<HubContents> => ({
  files: {
    ...(await goldenFiles('llama-untied')),
    'tokenizer.json': bytes('{}'),
    'README.md': bytes('read'),
    'pytorch_model.bin': bytes('no'),
  },
  commit: 'c'.repeat(40),
});

describe('fetchModel', () => {
  it('brings what a model needs and nothing else, as a folder that loads', async () => {
    await useBackend(cpu());
    await withHub({ 'org/tiny': await model() }, async ({ options, requests }) => {
      const fetched = await fetchModel('org/tiny', options);
      expect(fetched).toMatchObject({ repo: 'org/tiny', revision: 'main', commit: 'c'.repeat(40), current: true });
      expect(fetched.files.map(({ path }) => path)).toEqual([
        'config.json',
        'generation_config.json',
        'tokenizer.json',
        'model.safetensors',
      ]);
      expect(fetched.path).toBe(join(options.cacheDir, 'models--org--tiny', 'snapshots', 'c'.repeat(40)));
      expect(requests.some(({ path }) => /\.bin|README/.test(path))).toBe(false);
      const [ours, theirs] = [await readModules(fetched), await readModules(goldenFolder('llama-untied'))];
      expect(ours).toEqual(theirs);
      (await loadModel(fetched)).dispose();
    });
  });

  it("lays files as Hugging Face's cache has them: blobs by hash, snapshots of links, refs", async () => {
    const contents = await model();
    await withHub({ 'org/tiny': contents }, async ({ options }) => {
      const { path = '' } = await fetchModel('org/tiny', options);
      const weights = contents.files['model.safetensors'] as Uint8Array;
      expect(await readlink(join(path, 'model.safetensors'))).toBe(`../../blobs/${sha256(weights)}`);
      expect(await readFile(join(path, 'model.safetensors'))).toEqual(Buffer.from(weights));
      // `printf '{}' | git hash-object --stdin`
      expect(await readlink(join(path, 'tokenizer.json'))).toBe('../../blobs/9e26dfeeb6e641a33dae4961196235bdb965b21b');
      expect(await readFile(join(path, '..', '..', 'refs', 'main'), 'utf8')).toBe('c'.repeat(40));
    });
  });

  it('says how far it is, up to the last byte', async () => {
    await withHub({ 'org/tiny': await model() }, async ({ options }) => {
      const seen: FetchProgress[] = [];
      const { files } = await fetchModel('org/tiny', { ...options, onProgress: (event) => seen.push(event) });
      const total = files.reduce((sum, { size }) => sum + size, 0);
      expect(seen.at(-1)).toMatchObject({ file: 'model.safetensors', totalBytes: total, totalSize: total });
      expect(seen.map(({ totalBytes }) => totalBytes)).toEqual(
        seen.map(({ totalBytes }) => totalBytes).sort((a, b) => a - b),
      );
    });
  });

  it('asks again only where a branch stands, and of a commit nothing', async () => {
    await withHub(
      { 'org/tiny': { ...(await model()), refs: { 'v1.0': 'c'.repeat(40) } } },
      async ({ options, requests }) => {
        const first = await fetchModel('org/tiny', options);
        requests.length = 0;
        expect(await fetchModel('org/tiny@v1.0', options)).toMatchObject({
          revision: 'v1.0',
          path: first.path,
          files: first.files,
        });
        expect(requests.map(({ path }) => path.split('?')[0])).toEqual(['/api/models/org/tiny/revision/v1.0']);
        requests.length = 0;
        expect(await fetchModel(`org/tiny@${'c'.repeat(40)}`, options)).toMatchObject({ path: first.path });
        expect(await fetchModel('org/tiny', { ...options, offline: true })).toMatchObject({ path: first.path });
        expect(requests).toEqual([]);
      },
    );
  });

  it('takes shards by their index, one .gguf, and an adapter', async () => {
    const files = await goldenFiles('llama-untied');
    const weights = files['model.safetensors'] as Uint8Array;
    const index = bytes(JSON.stringify({ weight_map: { a: 'a.safetensors', b: 'b.safetensors', c: 'a.safetensors' } }));
    const repos = {
      'org/sharded': {
        files: {
          'config.json': bytes('{}'),
          'model.safetensors.index.json': index,
          'a.safetensors': weights,
          'b.safetensors': bytes('b'),
          'c.safetensors': bytes('c'),
        },
      },
      'org/gguf': { files: { 'sub/a.gguf': bytes('a'), 'b.gguf': bytes('bb') } },
      'org/adapter': {
        files: { 'adapter_config.json': bytes('{}'), 'adapter_model.safetensors': bytes('x'), 'README.md': bytes('') },
      },
    };
    await withHub(repos, async ({ options }) => {
      const paths = async (id: string) => (await fetchModel(id, options)).files.map(({ path }) => path);
      expect(await paths('org/sharded')).toEqual([
        'config.json',
        'model.safetensors.index.json',
        'a.safetensors',
        'b.safetensors',
      ]);
      expect(await paths('org/adapter')).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
      expect(await fetchModel('org/gguf/sub/a.gguf', options)).toMatchObject({ gguf: 'sub/a.gguf' });
      const error = await errorOf(() => fetchModel('org/gguf', options));
      expect(error).toMatchObject({
        code: 'file-missing',
        rule: 'it holds 2 .gguf files: sub/a.gguf, b.gguf',
        fix: 'name one, as org/gguf/sub/a.gguf',
      });
      expect(await errorOf(() => fetchModel('org/gguf/c.gguf', options))).toMatchObject({
        fix: expect.stringContaining('nearest there: b.gguf'),
      });
      expect(await paths('org/gguf/b.gguf')).toEqual(['b.gguf']);
    });
  });

  it('takes exactly the files that are asked for', async () => {
    await withHub({ 'org/tiny': await model() }, async ({ options }) => {
      const { files } = await fetchModel('org/tiny', { ...options, files: ['README.md'] });
      expect(files.map(({ path }) => path)).toEqual(['README.md']);
      const error = await errorOf(() => fetchModel('org/tiny', { ...options, files: ['README'] }));
      expect(error).toMatchObject({ code: 'file-missing', fix: expect.stringContaining('README.md') });
    });
  });

  it('follows a branch that moved, and reuses the bytes that stayed', async () => {
    const contents = await model();
    await withHub({ 'org/tiny': contents }, async ({ options, requests }) => {
      await fetchModel('org/tiny', options);
      requests.length = 0;
      Object.assign(contents, {
        commit: 'd'.repeat(40),
        files: { ...contents.files, 'tokenizer.json': bytes('{"a":1}') },
      });
      const moved = await fetchModel('org/tiny', options);
      expect(moved.commit).toBe('d'.repeat(40));
      expect(await readFile(join(moved.path as string, 'tokenizer.json'), 'utf8')).toBe('{"a":1}');
      expect(requests.filter(({ path }) => path.includes('/resolve/')).map(({ path }) => path)).toEqual([
        `/org/tiny/resolve/${'d'.repeat(40)}/tokenizer.json`,
      ]);
    });
  });

  it('takes from the cache where the hub is gone, and says what the cache has where it is not there', async () => {
    await withHub({ 'org/tiny': await model() }, async ({ options, close }) => {
      const { path } = await fetchModel('org/tiny', options);
      await close();
      expect(await fetchModel('org/tiny', { ...options, retries: 0 })).toMatchObject({ path, current: false });
      const gone = await errorOf(() => fetchModel('org/tony', { ...options, retries: 0 }));
      expect(gone).toMatchObject({
        code: 'hub-unreachable',
        rule: expect.stringContaining('ECONNREFUSED'),
        fix: expect.stringContaining('there: org/tiny'),
      });
      const offline = await errorOf(() => fetchModel('org/tony', { ...options, offline: true }));
      expect(offline).toMatchObject({
        code: 'file-missing',
        rule: expect.stringContaining('offline'),
        fix: expect.stringContaining('there: org/tiny'),
      });
    });
  });

  it('takes a model that Python left, links and all, or plain files where a system has no links', async () => {
    await withHub({}, async ({ options, requests }) => {
      const snapshot = join(options.cacheDir, 'models--org--theirs', 'snapshots', 'e'.repeat(40));
      await mkdir(snapshot, { recursive: true });
      for (const name of ['config.json', 'tokenizer.json', 'model.safetensors'])
        await writeFile(join(snapshot, name), name);
      const { files } = await fetchModel(`org/theirs@${'e'.repeat(40)}`, options);
      expect(files.map(({ path }) => path)).toEqual(['config.json', 'tokenizer.json', 'model.safetensors']);
      expect((await lstat(join(snapshot, 'config.json'))).isFile()).toBe(true);
      expect(requests).toEqual([]);
    });
  });
});
