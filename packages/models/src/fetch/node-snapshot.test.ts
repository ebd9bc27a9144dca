import { describe, expect, it, withFolder } from '@lowrank/testing';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { nodeModules, type NodeModules } from './node-modules.js';
import { linkBlob, listSnapshot } from './node-snapshot.js';

const node = nodeModules() as NodeModules;
const without: NodeModules = {
  ...node,
  fs: { ...fs, symlink: () => Promise.reject(Object.assign(new Error('no'), { code: 'EPERM' })) },
};

describe('a snapshot', () => {
  it('has the blob itself where a system has no links, over an older file', () =>
    withFolder(async (folder) => {
      const [blob, pointer] = [join(folder, 'blob'), join(folder, 'pointer')];
      for (const text of ['one', 'two']) {
        await fs.writeFile(blob, text);
        await linkBlob(without, blob, pointer);
        expect(await fs.readFile(pointer, 'utf8')).toBe(text);
      }
      expect(await fs.readdir(folder)).toEqual(['pointer']);
    }));

  it('lists files by path with the hash of their link, and leaves out links that lead nowhere', () =>
    withFolder(async (root) => {
      const [folder, hash] = [join(root, 'snapshot'), 'a'.repeat(64)];
      await fs.mkdir(join(folder, 'sub'), { recursive: true });
      await fs.writeFile(join(root, hash), 'four');
      await linkBlob(node, join(root, hash), join(folder, 'sub', 'linked'));
      await fs.writeFile(join(folder, 'plain'), 'abc');
      await fs.symlink('../nothing', join(folder, 'broken'));
      expect([...(await listSnapshot(node, [root], folder)).values()].sort((a, b) => a.size - b.size)).toEqual([
        { path: 'plain', size: 3 },
        { path: 'sub/linked', size: 4, hash },
      ]);
    }));
});
