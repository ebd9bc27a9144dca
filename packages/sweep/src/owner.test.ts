import { expect, it, withFolder } from '@lowrank/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Owner } from './owner.js';

/** A process of the trial, once it has said its first line. */
async function started(script: string, ...args: string[]): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, ['-e', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { child, said };
}

/** An owner as a worker leaves it behind that was killed. */
async function left(out: string, pid: number): Promise<void> {
  const owner = new Owner(out, 'round-1/worker-1');
  await owner.take();
  await owner.is(pid);
}

it('ends the process that an earlier worker left: by SIGTERM, and where it does not end by SIGKILL', () =>
  withFolder(async (out) => {
    for (const [onTerm, limit, end] of [
      ['process.exit(7)', 60_000, [7, null]],
      ['0', 200, [null, 'SIGKILL']],
    ] as const) {
      const script = `process.on('SIGTERM', () => ${onTerm}); setInterval(() => {}, 1000); console.log('ready')`;
      const { child } = await started(script, 'round-1/worker-1');
      const ended = once(child, 'exit');
      await left(out, child.pid!);
      await new Owner(out, 'round-1/worker-1').endEarlier(limit);
      expect(await ended).toEqual(end);
    }
  }));

it('waits for no process that has ended, though its worker is stopped and has not heard of it', () =>
  withFolder(async (out) => {
    const script = `
      const trial = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'round-1/worker-1']);
      trial.on('spawn', () => { console.log(trial.pid); process.kill(process.pid, 'SIGSTOP'); });`;
    const { child, said } = await started(script);
    try {
      await left(out, Number(said));
      await new Owner(out, 'round-1/worker-1').endEarlier(60_000);
      const line = await readFile(`/proc/${said}/cmdline`, 'utf8').catch(() => '');
      expect(line).toBe('');
    } finally {
      child.kill('SIGKILL');
    }
  }));

it('leaves the folder to whoever claimed it last, whatever an earlier owner still does', () =>
  withFolder(async (out) => {
    const [earlier, later] = [new Owner(out, 'trial'), new Owner(out, 'trial')];
    await earlier.take();
    expect(await earlier.holds()).toBe(true);
    await later.take();
    await later.is(2);
    const claim = await readFile(join(out, 'process.json'), 'utf8');
    await earlier.is(1);
    await earlier.leave();
    expect(await readFile(join(out, 'process.json'), 'utf8')).toBe(claim);
    expect([await earlier.holds(), await later.holds()]).toEqual([false, true]);
    await later.leave();
    expect(await readdir(out)).toEqual([]);
  }));
