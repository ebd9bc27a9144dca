import { describe, expect, it, withFolder } from '@lowrank/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, writeText } from './lowrank.js';
import { withRedis } from './redis-server.js';
import { Crew, type Line } from './worker-process.js';

const eta = 3;
const trials = 6;

/** A sweep of six trials, of which those that do well get three times the steps, as soon as that is known. */
async function writeAsha(folder: string): Promise<string> {
  const path = join(folder, 'sweep.json');
  const search = { learningRate: { min: 0.0001, max: 0.03, scale: 'log' } };
  const train = { model: 'tiny', targets: 'q_proj', rank: 2, batch: 2, sequence: 32, backend: 'wasm' };
  const halving = { strategy: 'asha', trials, minSteps: 2, steps: 6, eta };
  await writeFile(path, JSON.stringify({ ...train, data: [await writeText(folder)], ...halving, search }));
  return path;
}

const ends = (events: Line[]) => events.filter(({ type }) => type === 'trial-end');

describe('asynchronous halving', () => {
  it('on one machine does what a free worker of ASHA asks for: a promotion where there is one, else a new trial', async () => {
    await withFolder(async (folder) => {
      const file = await writeAsha(folder);
      const { code, events } = await lowrank([
        'sweep',
        file,
        '--out',
        join(folder, 'out'),
        '--parallel',
        '1',
        '--json',
      ]);
      expect(code).toBe(0);
      const first = events.filter(({ type }) => type === 'trial-start').slice(0, trials);
      const losses = new Map(ends(events).map(({ folder, rungs, loss }) => [`${folder} ${rungs}`, loss as number]));
      expect(ends(events).map(({ folder, rungs }) => `${folder} ${rungs}`)).toEqual(
        asha(
          first.map((event) => event['folder'] as string),
          losses,
        ),
      );
    });
  }, 60_000);

  it('on a queue sends on what did well before what has not begun', async () => {
    await withRedis(async ({ url }, folder) => {
      const file = await writeAsha(folder);
      const out = join(folder, 'out');
      const crew = new Crew(['--redis', url, '--folder', out]);
      try {
        crew.hire();
        const { code, events } = await lowrank(['sweep', file, '--out', out, '--redis', url, '--json']);
        expect(code).toBe(0);
        const rungs = ends(events).map((event) => event['rungs'] as number);
        expect(rungs.toSorted()).toEqual([1, 1, 1, 1, 1, 1, 2, 2]);
        expect(rungs.indexOf(2)).toBeLessThan(rungs.lastIndexOf(1));
      } finally {
        await crew.dismiss();
      }
    });
  }, 60_000);
});

/**
 * What one worker does, in its order, on two rungs: `get_job` of Li et al. 2020, algorithm 2, and once no trial is new the
 * best of all.
 */
function asha(all: string[], losses: Map<string, number>): string[] {
  const done: string[] = [];
  const promoted = new Set<string>();
  const fresh = [...all];
  for (;;) {
    const there = all.filter((trial) => done.includes(`${trial} 1`));
    const best = there.toSorted((left, right) => losses.get(`${left} 1`)! - losses.get(`${right} 1`)!);
    const candidate = best.slice(0, Math.floor(there.length / eta)).find((trial) => !promoted.has(trial));
    const next = candidate ?? fresh.shift();
    if (next === undefined) return done;
    if (candidate !== undefined) promoted.add(candidate);
    done.push(`${next} ${candidate === undefined ? 1 : 2}`);
  }
}
