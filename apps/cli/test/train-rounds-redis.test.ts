import { expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank } from './lowrank.js';
import { withRedis } from './redis-server.js';
import { writeRounds } from './rounds.js';
import { Crew, type Line } from './worker-process.js';

const bytesOf = (out: string, round: number, name: string) =>
  readFile(join(out, `round-${round}`, name, 'adapter_model.safetensors'));

it('over a queue two workers share each round, and the adapter is that of one machine, though the command was killed', async () => {
  await withRedis(async ({ url }, folder) => {
    const file = await writeRounds(folder);
    const [alone, shared] = [join(folder, 'alone'), join(folder, 'shared')];
    expect((await lowrank(['train-rounds', file, '--out', alone])).code).toBe(0);

    const crew = new Crew(['--redis', url, '--folder', shared]);
    try {
      const workers = [crew.hire(), crew.hire()];
      await Promise.all(workers.map((worker) => worker.next(({ type }) => type === 'worker-start')));
      const command = ['train-rounds', file, '--out', shared, '--redis', url, '--json'];
      const killed = await lowrank(command, {
        onLine: (line, child) => void (line.includes('"worker-end"') && child.kill('SIGKILL')),
      });
      expect(killed.code).toBe(null);
      const again = await lowrank(command);
      const adapter = join(shared, 'round-2', 'average');
      expect([again.code, again.events.at(-1)]).toEqual([0, { type: 'result', adapter }]);

      for (const round of [1, 2]) {
        for (const name of ['worker-1', 'worker-2', 'average']) {
          const same = (await bytesOf(shared, round, name)).equals(await bytesOf(alone, round, name));
          expect(same, `${name} of round ${round}`).toBe(true);
        }
      }
      const starts = workers.map(({ events }) => foldersIn(events).map((name) => name.split('/')[0]));
      expect(starts).toEqual([
        ['round-1', 'round-2'],
        ['round-1', 'round-2'],
      ]);
      expect(workers.flatMap(({ events }) => foldersIn(events)).toSorted()).toEqual(
        [1, 2].flatMap((round) => [1, 2].map((worker) => `round-${round}/worker-${worker}`)),
      );
    } finally {
      await crew.dismiss();
    }
  });
}, 120_000);

const foldersIn = (events: Line[]) =>
  events.filter(({ type }) => type === 'job-start').map(({ folder }) => folder as string);
