import { fetchModel } from '@lowrank/models';
import { describe, errorOf, expect, it, sha256 } from '@lowrank/testing';
import { readdir, readFile, stat, utimes, writeFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { withHub, type Hub } from '../../test/hub.js';

const weights = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 2_654_435_761) >>> 13);
const text = new TextEncoder().encode('{}');
const repos = { 'org/m': { files: { 'config.json': text, 'model.safetensors': weights } } };
const blobs = (hub: Hub) => join(hub.options.cacheDir, 'models--org--m', 'blobs');
const ranges = (hub: Hub) => hub.requests.filter(({ cdn }) => cdn).map(({ range }) => range);

async function expectWhole(hub: Hub): Promise<void> {
  const { path = '' } = await fetchModel('org/m', hub.options);
  expect(sha256(await readFile(join(path, 'model.safetensors')))).toBe(sha256(weights));
  expect((await readdir(blobs(hub))).filter((name) => name.includes('incomplete'))).toEqual([]);
}

describe('a fetch that is cut', () => {
  it('goes on at the byte where the connection broke', () =>
    withHub(repos, async (hub) => {
      let cuts = 0;
      hub.fault = ({ cdn }) => (cdn && cuts++ < 2 ? { cutAfter: 100_000 } : undefined);
      await expectWhole(hub);
      const starts = ranges(hub).map((range) => Number(/=(\d+)-299999$/.exec(range ?? '')?.[1] ?? 0));
      expect(starts).toHaveLength(3);
      expect(starts[1]).toBeGreaterThan(0); // what a reader had not read when it broke is asked for again
      expect(starts[2]).toBeGreaterThan(starts[1] as number);
    }));

  it('is gone on with by the next one, which asks for the rest only', () =>
    withHub(repos, async (hub) => {
      hub.fault = ({ cdn }) => (cdn ? (ranges(hub).length > 1 ? { status: 503 } : { cutAfter: 120_000 }) : undefined);
      const error = await errorOf(() => fetchModel('org/m', { ...hub.options, retries: 0 }));
      expect(error).toMatchObject({ code: 'hub-unreachable', fix: expect.stringContaining('is kept') });
      expect(await readdir(blobs(hub))).toContain(`${sha256(weights)}.lowrank.incomplete`);
      const { size } = await stat(join(blobs(hub), `${sha256(weights)}.lowrank.incomplete`));
      hub.fault = undefined;
      hub.requests.length = 0;
      await expectWhole(hub);
      expect(ranges(hub)).toEqual([`bytes=${size}-299999`]);
    }));

  it('keeps what came when it is aborted, and ends at once', () =>
    withHub(repos, async (hub) => {
      const stop = new AbortController();
      hub.fault = ({ cdn, range }) => (cdn && !range ? { cutAfter: 50_000 } : undefined);
      const onProgress = ({ file }: { file: string }) =>
        file.endsWith('safetensors') && ranges(hub).length && stop.abort(new Error('enough'));
      await expect(fetchModel('org/m', { ...hub.options, signal: stop.signal, onProgress })).rejects.toThrow('enough');
      await expectWhole(hub);
      expect(ranges(hub).at(-1)).toMatch(/^bytes=\d+-299999$/);
    }));

  it('goes on though the server gives the whole file instead of the rest', () =>
    withHub(repos, async (hub) => {
      hub.fault = ({ cdn }) => (cdn ? (ranges(hub).length === 1 ? { cutAfter: 90_000 } : { whole: true }) : undefined);
      await expectWhole(hub);
    }));

  it('begins anew once where what lay there is damaged, or the server cannot read from its middle', () =>
    withHub(repos, async (hub) => {
      await mkdir(blobs(hub), { recursive: true });
      await writeFile(join(blobs(hub), `${sha256(weights)}.lowrank.incomplete`), new Uint8Array(1000));
      await expectWhole(hub);
      expect(ranges(hub)).toEqual(['bytes=1000-299999', undefined]);
    }));

  it('begins anew after 416', () =>
    withHub(repos, async (hub) => {
      await mkdir(blobs(hub), { recursive: true });
      await writeFile(join(blobs(hub), `${sha256(weights)}.lowrank.incomplete`), weights.subarray(0, 1000));
      hub.fault = ({ cdn, range }) => (cdn && range ? { status: 416 } : undefined);
      await expectWhole(hub);
    }));

  it('takes over what a killed process left once it lies still, never what is being written', () =>
    withHub(repos, async (hub) => {
      await mkdir(blobs(hub), { recursive: true });
      const [left, live] = ['left', 'live'].map((name) =>
        join(blobs(hub), `${sha256(weights)}.${name}.lowrank.incomplete`),
      ) as [string, string];
      await writeFile(left, weights.subarray(0, 70_000));
      await writeFile(live, weights.subarray(0, 80_000));
      await utimes(left, new Date(0), new Date(0));
      await fetchModel('org/m', hub.options);
      expect(ranges(hub)).toEqual(['bytes=70000-299999']);
      expect(await readFile(live)).toEqual(Buffer.from(weights.subarray(0, 80_000)));
    }));

  it('never goes on with a link, which could lead out of the cache', () =>
    withHub(repos, async (hub) => {
      const outside = join(hub.options.cacheDir, 'outside');
      await writeFile(outside, weights.subarray(0, 10));
      await mkdir(blobs(hub), { recursive: true });
      await symlink(outside, join(blobs(hub), `${sha256(weights)}.lowrank.incomplete`));
      await fetchModel('org/m', hub.options);
      expect((await readFile(outside)).length).toBe(10);
    }));

  it('is none of another that runs at the same time: both end whole', () =>
    withHub(repos, async (hub) => {
      const both = await Promise.all([fetchModel('org/m', hub.options), fetchModel('org/m', hub.options)]);
      expect(both[0]).toMatchObject({ commit: both[1].commit });
      await expectWhole(hub);
    }));

  it('is refused, leaving nothing, where the bytes are not those of the hash', () =>
    withHub(repos, async (hub) => {
      hub.fault = ({ cdn }) => (cdn ? { bytes: weights.toReversed() } : undefined);
      const error = await errorOf(() => fetchModel('org/m', hub.options));
      expect(error).toMatchObject({ code: 'file-invalid', given: 'org/m/model.safetensors' });
      expect(error.rule).toBe(`its checksum is ${sha256(weights.toReversed())} where the hub says ${sha256(weights)}`);
      expect((await readdir(blobs(hub))).some((name) => name.includes(sha256(weights)))).toBe(false);
    }));

  it('is refused where more bytes come than the hub lists', () =>
    withHub(repos, async (hub) => {
      hub.fault = ({ cdn }) => (cdn ? { bytes: new Uint8Array(weights.length + 1) } : undefined);
      expect(await errorOf(() => fetchModel('org/m', hub.options))).toMatchObject({
        code: 'file-invalid',
        rule: 'it goes on after the 300000 bytes that the hub lists',
      });
    }));

  it('holds small files to the hash of git', () =>
    withHub(repos, async (hub) => {
      hub.fault = ({ path }) => (path.endsWith('config.json') ? { bytes: new TextEncoder().encode('[]') } : undefined);
      expect(await errorOf(() => fetchModel('org/m', hub.options))).toMatchObject({
        code: 'file-invalid',
        given: 'org/m/config.json',
        rule: expect.stringContaining('9e26dfeeb6e641a33dae4961196235bdb965b21b'),
      });
    }));

  it('waits as long as the hub says, and tries again', () =>
    withHub(repos, async (hub) => {
      let busy = 0;
      hub.fault = ({ path }) =>
        path.includes('/revision/') && busy++ < 2 ? { status: 429, headers: { 'retry-after': '0' } } : undefined;
      await expectWhole(hub);
    }));
});
