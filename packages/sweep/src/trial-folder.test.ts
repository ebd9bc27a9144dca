import { runJob } from '@lowrank/sweep';
import { errorOf, expect, it, withFolder } from '@lowrank/testing';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What each job is run with: a process that says so and ends. */
const command = [process.execPath, '-e', 'console.log("it ran")', '--'];

const run = (given: unknown, folder: string) =>
  errorOf(() => runJob({ id: 'job', config: {}, steps: 1, folder: given as string }, { command, folder }));

it("runs no job whose folder is outside of the sweep's, and writes nothing there", () =>
  withFolder(async (folder) => {
    const [sweep, outside] = [join(folder, 'sweep'), join(folder, 'outside')];
    await mkdir(join(sweep, 'trial'), { recursive: true });
    await mkdir(outside);
    await symlink(outside, join(sweep, 'out'));
    await symlink('../..', join(sweep, 'trial', 'up'));
    await symlink(join(folder, 'nowhere'), join(sweep, 'dangling'));
    const wrong = [
      '../outside',
      'trial/../../outside',
      outside,
      join(sweep, 'trial'),
      '.',
      'trial/..',
      '',
      undefined,
      5,
    ];
    for (const given of [...wrong, 'out', 'out/trial', 'trial/up/outside', 'dangling', 'dangling/trial']) {
      const { code, rule } = await run(given, sweep);
      expect([code, rule], String(given)).toEqual(['config-invalid', expect.stringContaining('its folder, ')]);
    }
    expect((await readdir(folder)).toSorted()).toEqual(['outside', 'sweep']);
    expect(await readdir(outside)).toEqual([]);
  }));

it("takes folders below the sweep's, which may be reached by a link or not be there yet", () =>
  withFolder(async (folder) => {
    const [real, sweep] = [join(folder, 'real'), join(folder, 'sweep')];
    await mkdir(real);
    await symlink(real, sweep);
    await symlink('round-1', join(real, 'first'));
    for (const [given, root] of [
      ['trial', sweep],
      ['round-1/worker-1', sweep],
      ['first/worker-2', sweep],
      ['..trial', sweep],
      ['trial', join(folder, 'new', 'sweep')],
    ] as const) {
      const { code, rule } = await run(given, root);
      expect([code, rule], given).toEqual(['trial-failed', 'it ended before its last evaluation']);
    }
    expect((await readdir(join(real, 'round-1'))).toSorted()).toEqual(['worker-1', 'worker-2']);
  }));
