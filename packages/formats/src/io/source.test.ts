import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { bytesSource, fileSource } from '@lowrank/formats';
import { open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutRights } from '../../test/without-rights.js';

describe('a source', () => {
  it('over bytes gives copies', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const source = bytesSource('three', bytes);
    const part = await source.read(1, 2);
    part.fill(0);
    expect([source.size, Array.from(bytes), Array.from(await source.read(1, 2))]).toEqual([3, [1, 2, 3], [2, 3]]);
    const error = await errorOf(() => source.read(2, 2));
    expect(error).toMatchObject({
      code: 'file-invalid',
      given: 'three',
      rule: 'it ends at byte 3 where 4 bytes are needed',
    });
  });

  it('over a file reads ranges, and says so when the file has shrunk meanwhile', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFile(path, 'abcdef');
      const source = await fileSource(path);
      expect(Buffer.from(await source.read(2, 3)).toString()).toBe('cde');
      await truncate(path, 3);
      const error = await errorOf(() => source.read(2, 3));
      expect(error).toMatchObject({ code: 'file-invalid', given: path });
      await source.close();
    }));

  it('over a file tells a missing one from one that is none', () =>
    withFolder(async (folder) => {
      const missing = join(folder, 'none', 'at', 'all');
      expect(await errorOf(() => fileSource(missing))).toMatchObject({ code: 'file-missing', given: missing });
      expect(await errorOf(() => fileSource(folder))).toMatchObject({ code: 'file-invalid', given: folder });
      expect(await errorOf(() => fileSource('/dev/null'))).toMatchObject({ code: 'file-invalid', given: '/dev/null' });
    }));

  it('over a file that this user may not read says so', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'secret');
      await writeFile(path, 'abc', { mode: 0 });
      const error = await withoutRights(folder, () => errorOf(() => fileSource(path)));
      expect(error).toMatchObject({ code: 'file-invalid', given: path, rule: expect.stringContaining('EACCES') });
    }));

  it('over a file larger than memory refuses to read it at once', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'holes');
      const file = await open(path, 'w');
      await file.truncate(2 ** 40); // takes no room on the disk
      await file.close();
      const source = await fileSource(path);
      const error = await errorOf(() => source.read(0, source.size));
      await source.close();
      expect(error).toMatchObject({ code: 'file-invalid', given: path, rule: expect.stringContaining('no memory') });
    }));
});
