import { describe, errorOf, expect, it } from '@lowrank/testing';
import { checkOpfs, type OpfsParts } from './check-opfs.js';

const here = () => {};
const whole = {
  navigator: { storage: { getDirectory: here, estimate: here }, locks: { request: here } },
  FileSystemFileHandle: { prototype: { createWritable: here } },
} satisfies OpfsParts;
const { storage, locks } = whole.navigator;

const lacking: [missing: string, page: OpfsParts][] = [
  ['navigator.storage', { ...whole, navigator: { locks } }],
  ['navigator.storage.getDirectory', { ...whole, navigator: { storage: { estimate: here }, locks } }],
  ['navigator.storage.estimate', { ...whole, navigator: { storage: { getDirectory: here }, locks } }],
  // Safari before 26: files are written through createSyncAccessHandle, in workers, alone.
  ['FileSystemFileHandle.createWritable', { ...whole, FileSystemFileHandle: { prototype: {} } }],
  ['navigator.locks', { ...whole, navigator: { storage } }],
];

describe('a page that is to keep a model', () => {
  it('may, with all that it takes', () => {
    expect(() => checkOpfs(whole)).not.toThrow();
  });

  for (const [missing, page] of lacking) {
    it(`is refused by name without ${missing}`, async () => {
      expect(await errorOf(async () => checkOpfs(page))).toMatchObject({
        code: 'file-unwritable',
        given: `fetchModel in a page without ${missing}`,
        fix: expect.stringContaining('current browser'),
      });
    });
  }
});
