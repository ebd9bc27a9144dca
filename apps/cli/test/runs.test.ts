import { describe, expect, it, withFolder } from '@lowrank/testing';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lowrank, quick, writeText } from './lowrank.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

describe('lowrank runs', () => {
  it('lists and compares runs, reports them in one file, and ends quietly when its reader goes', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const train = (name: string, ...args: string[]) =>
        lowrank(['train', ...quick, '--data', data, '--out', join(folder, 'all', name), '--json', ...args]);
      const one = await train('one', '--steps', '3', '--eval-every', '2', '--sample', 'The <b>whale</b>');
      const two = await train('two', '--steps', '2', '--rank', '4');
      const samples = one.events.filter(({ type }) => type === 'sample');
      expect(samples.map(({ when, step }) => [when, step])).toEqual([
        ['before', 0],
        ['during', 2],
        ['after', 3],
      ]);

      const kept = join(folder, 'all', 'one', 'run');
      expect((await readdir(kept)).sort()).toEqual([
        'checkpoint.safetensors',
        'environment.json',
        'events.jsonl',
        'options.json',
        'plots',
      ]);
      expect((await readdir(join(kept, 'plots'))).sort()).toEqual([
        'gradient-norm.svg',
        'learning-rate.svg',
        'speed.svg',
      ]);
      expect(JSON.parse(await readFile(join(kept, 'environment.json'), 'utf8'))).toMatchObject({
        node: process.version,
        tfjs: '4.22.0',
      });

      // A run that a crash ended in the middle of a line, and a folder that is none.
      await mkdir(join(folder, 'all', 'crashed', 'run'), { recursive: true });
      await writeFile(join(folder, 'all', 'crashed', 'run', 'options.json'), '{"rank": 2}');
      await appendFile(
        join(folder, 'all', 'crashed', 'run', 'events.jsonl'),
        '{"type":"train-start","step":0,"steps":9,"traina',
      );

      const report = join(folder, 'report.html');
      const { code, events } = await lowrank(['runs', folder, '--html', report, '--json']);
      expect(code).toBe(0);
      const facts = (ran: typeof one) => {
        const { heldOutBefore, heldOutAfter } = ran.events.at(-1)!;
        return { state: 'done', heldOutBefore, heldOutAfter, backend: 'wasm' };
      };
      expect(events).toMatchObject([
        { type: 'run', state: 'unfinished', step: 0, out: join(folder, 'all', 'crashed') },
        { type: 'run', step: 3, out: join(folder, 'all', 'one'), ...facts(one) },
        { type: 'run', step: 2, out: join(folder, 'all', 'two'), ...facts(two), options: { rank: 4 } },
        { type: 'report', file: report },
      ]);
      const html = await readFile(report, 'utf8');
      expect(html.match(/<svg/g)).toHaveLength(1 + 2 * 4);
      expect(html).toContain('The &lt;b&gt;whale&lt;/b&gt;');
      expect(html).not.toMatch(/<script|<link|<img|\ssrc=|url\(|@import|href="?http/);

      const { stdout } = await lowrank(['runs', join(folder, 'all', 'one'), join(folder, 'all', 'two')]);
      const [head, ...rows] = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/));
      expect(head!.slice(-4).sort()).toEqual(['evalEvery', 'rank', 'sample', 'steps']);
      expect(rows.map((row) => row[1])).toEqual(['done', 'done']);

      const piped = await promisify(execFile)('bash', [
        '-c',
        `set -o pipefail; "${process.execPath}" "${main}" runs "${folder}" | head -1`,
      ]);
      expect([piped.stdout.startsWith('run '), piped.stderr]).toEqual([true, '']);
      const unwritable = await lowrank(['runs', folder, '--html', join(report, 'a.html'), '--json']);
      expect([unwritable.code, unwritable.events.at(-1)]).toMatchObject([1, { code: 'file-unwritable' }]);
      const none = await lowrank(['runs', join(kept, 'plots'), '--json']);
      expect([none.code, none.events[0]]).toMatchObject([2, { rule: expect.stringContaining('no run') }]);
    });
  });
});
