import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { removeUnfinished, writeFileAtomic, writeFolder } from '@lowrank/formats';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canFillDisk, onAFullDisk } from '../../test/on-a-full-disk.js';
import { withoutRights } from '../../test/without-rights.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('writeFileAtomic', () => {
  it('writes parts one after another, over an older file, and leaves nothing else', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFileAtomic(path, bytes('older and longer'));
      await writeFileAtomic(path, [bytes('new'), bytes(''), bytes('er')]);
      expect(await readFile(path, 'utf8')).toBe('newer');
      expect(await readdir(folder)).toEqual(['file']);
    }));

  it('names the path and the reason when it cannot', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'file'), 'mine');
      await mkdir(join(folder, 'sub'));
      await symlink('/dev/null', join(folder, 'device'));
      const reasons: [string, RegExp][] = [
        ['none/file', /folder it lies in is not there/],
        ['file/below', /a part of the path is a file/],
        ['sub', /it is a folder/],
        ['device', /device or a pipe/],
        ['n'.repeat(300), /name is too long/],
      ];
      for (const [name, rule] of reasons) {
        const path = join(folder, name);
        const error = await errorOf(() => writeFileAtomic(path, bytes('new')));
        expect(error).toMatchObject({ code: 'file-unwritable', given: path, rule: expect.stringMatching(rule) });
      }
      expect((await readdir(folder)).sort()).toEqual(['device', 'file', 'sub']);
      expect(await readFile(join(folder, 'file'), 'utf8')).toBe('mine');
    }));

  it('leaves the old file where this user may not write', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFile(path, 'mine', { mode: 0o666 });
      const error = await withoutRights(folder, () => errorOf(() => writeFileAtomic(path, bytes('new'))));
      expect(error).toMatchObject({
        code: 'file-unwritable',
        given: path,
        rule: expect.stringContaining('permission'),
      });
      expect(await readFile(path, 'utf8')).toBe('mine');
    }));
});

it('removeUnfinished takes away what a killed process was writing, and nothing else', () =>
  withFolder(async (folder) => {
    const names = [`.lowrank-${crypto.randomUUID()}.tmp`, '.lowrank-mine.tmp', 'config'];
    for (const name of names) await writeFile(join(folder, name), 'x');
    await removeUnfinished(folder);
    await removeUnfinished(join(folder, 'none'));
    expect((await readdir(folder)).sort()).toEqual(['.lowrank-mine.tmp', 'config']);
  }));

describe('writeFolder', () => {
  const files = new Map([
    ['weights', new Uint8Array(100_000)],
    ['config', bytes('{}')],
  ]);

  it('makes the folder and those above it', () =>
    withFolder(async (folder) => {
      await writeFolder(join(folder, 'a', 'b'), files);
      expect((await readdir(join(folder, 'a', 'b'))).sort()).toEqual(['config', 'weights']);
    }));

  it('takes away the folders that it made when it fails, and no others', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'a'));
      const named = new Map([['below/not/there', bytes('x')]]);
      expect(await errorOf(() => writeFolder(join(folder, 'a', 'b', 'c'), named))).toMatchObject({
        code: 'file-unwritable',
      });
      expect(await readdir(folder, { recursive: true })).toEqual(['a']);
    }));

  it.runIf(canFillDisk)('leaves the earlier files whole, and nothing else, when a write fails midway', () =>
    withFolder(async (folder) => {
      await writeFolder(folder, new Map([['config', bytes('mine')]]));
      const reversed = new Map([...files].reverse()); // the small one is on the disk when the large one fails
      await onAFullDisk(50_000, async () => {
        for (const some of [files, reversed]) {
          const error = await errorOf(() => writeFolder(folder, some));
          expect(error).toMatchObject({ code: 'file-unwritable', given: join(folder, 'weights') });
        }
        const error = await errorOf(() => writeFolder(join(folder, 'new'), reversed));
        expect(error.rule).toContain('EFBIG');
      });
      expect(await readdir(folder)).toEqual(['config']);
      expect(await readFile(join(folder, 'config'), 'utf8')).toBe('mine');
    }),
  );
});
