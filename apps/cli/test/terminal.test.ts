import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, quick, writeText } from './lowrank.js';
import { inTerminal } from './terminal.js';

const escape = '\u001b[';

describe('a terminal', () => {
  it('shows a run live: how far it is, its curve, speed, memory and learning rate, in colour', async () => {
    await withFolder(async (folder) => {
      const args = [
        'train',
        ...quick,
        '--data',
        await writeText(folder),
        '--out',
        'a',
        '--steps',
        '8',
        '--eval-every',
        '4',
      ];
      const { code, screen } = await inTerminal(args, { cwd: folder });
      expect(code).toBe(0);
      expect(screen).toMatch(/step 8\/8.*█{10,}.* 100 %/);
      expect(screen).toMatch(/\d\.\d{3}┤.*━/);
      expect(screen).toMatch(/tokens\/s · [\d.]+ MiB · lr \d/);
      expect(screen).toMatch(/held out .*%\)/);
      // Drawn over, not below, and in blue and red.
      expect(screen).toContain(`${escape}1A`);
      expect(screen).toContain(`${escape}34m`);
    });
  });

  it('has no colour where NO_COLOR asks for none', async () => {
    await withFolder(async (folder) => {
      const screenWith = async (env: string) => (await inTerminal(['inspect', 'nowhere'], { cwd: folder, env })).screen;
      expect(await screenWith('')).toContain(`${escape}31merror:`);
      expect(await screenWith('NO_COLOR=1 ')).not.toContain(escape);
    });
  });

  it('keeps a run that Ctrl-C stops', async () => {
    await withFolder(async (folder) => {
      const args = ['train', ...quick, '--data', await writeText(folder), '--out', 'a', '--steps', '500'];
      // Any step: on a fast machine not each is drawn.
      const { code, screen } = await inTerminal(args, { cwd: folder, answers: [[/step \d+\/500/, '\u0003']] });
      expect([code, screen.includes('To go on: lowrank train --resume --out a')]).toEqual([130, true]);
    });
  });

  it('asks what a config needs, and writes one with every option in it', async () => {
    await withFolder(async (folder) => {
      await writeText(folder);
      const answers: [string, string][] = [
        ['Which model?', '\r'],
        ['learn from?', 'text.txt\r'],
        ['adapter go?', '-2\r'],
        ['How large', '\r'],
        ['How many times', '\r'],
        ['A prompt', 'The whale\r'],
      ];
      const { code, screen } = await inTerminal(['init'], { cwd: folder, answers });
      expect(code, screen).toBe(0);
      const text = await readFile(join(folder, 'lowrank.yaml'), 'utf8');
      expect(text).toMatch(
        /\nmodel: tiny\n[^]*\ndata:\n {2}- text.txt\n[^]*\nout: adapter-2\n[^]*\nsample: The whale\n/,
      );
      expect(text).toContain('\n# learningRate: 0.001\n');
    });
  });

  it('says which question was left open where stdin closes before its answer, and writes nothing', async () => {
    await withFolder(async (folder) => {
      const answers: [string, string][] = [
        ['Which model?', '\r'],
        ['learn from?', '\u0004'],
      ];
      const { code, screen } = await inTerminal(['init'], { cwd: folder, answers });
      expect([code, await readdir(folder)]).toEqual([2, []]);
      expect(screen).toContain('stdin closed before --data was answered');
      expect(screen).toContain('--yes');
    });
  });
});

describe('no terminal', () => {
  it('has no colours and no live view in a pipe', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const { stdout, stderr } = await lowrank([
        'train',
        ...quick,
        '--data',
        data,
        '--out',
        join(folder, 'a'),
        '--steps',
        '2',
      ]);
      expect(stdout).toMatch(/step 2\/2 · loss/);
      expect(stdout + stderr).not.toContain(escape);
      expect((await lowrank(['inspect', folder])).stderr).not.toContain(escape);
    });
  });

  it('takes init’s answers as flags, and a config of a wholly commented kind works', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'lowrank.yaml');
      const data = await writeText(folder);
      const lacking = await lowrank(['init', '--file', file]);
      expect([lacking.code, lacking.stderr.includes('--data')]).toEqual([2, true]);
      const written = await lowrank(['init', '--file', file, '--data', data, '--rank', '4', '--json']);
      expect([written.code, written.events[0]]).toMatchObject([
        0,
        { type: 'result', options: { rank: 4, model: 'tiny' } },
      ]);
      const shown = await lowrank(['train', '--config', file, '--print-config', '--json']);
      expect(shown.events[0]!['options']).toMatchObject({ rank: 4, model: 'tiny', data: [data], out: 'adapter' });
      const again = await lowrank(['init', '--file', file, '--data', data, '--json']);
      expect([again.code, again.events[0]]).toMatchObject([2, { code: 'file-unwritable' }]);
      await writeFile(join(folder, 'file'), '');
      const unwritable = await lowrank(['init', '--file', join(folder, 'file', 'a.yaml'), '--data', data, '--json']);
      expect([unwritable.code, unwritable.events[0]]).toMatchObject([1, { code: 'file-unwritable' }]);
    });
  });
});
