import { readPeft } from '@lowrank/formats';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lowrank, quick, writeText, type Ran, type RunOptions } from './lowrank.js';

const adapterOf = (out: string) => readFile(join(out, 'adapter_model.safetensors'));
const trainOn = (data: string, out: string) => [
  'train',
  ...quick,
  '--data',
  data,
  '--out',
  out,
  '--steps',
  '12',
  '--learning-rate',
  '0.01',
  '--dropout',
  '0.1',
  '--checkpoint-every',
  '2',
  '--json',
];
const steps = ({ events }: Ran) => events.filter(({ type }) => type === 'step-end').map(({ step }) => step);
const lossAt = ({ events }: Ran, index: number) =>
  events.filter(({ type }) => type === 'eval-end').at(index)!['loss'] as number;
const signalAt = (part: string, signal: NodeJS.Signals): RunOptions => ({
  onLine: (line, child) => void (line.includes(part) && child.kill(signal)),
});

describe('lowrank train', () => {
  it('learns, tells each step, and leaves an adapter, a curve and a run that other commands take', async () => {
    await withFolder(async (folder) => {
      const out = join(folder, 'adapter');
      const data = await writeText(folder);
      const ran = await lowrank([...trainOn(data, out), '--sample', 'The whale']);
      expect([ran.code, ran.stderr.includes('error')]).toEqual([0, false]);
      expect(steps(ran)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(ran.events.map(({ type }) => type)).toEqual(
        expect.arrayContaining([
          'plan',
          'sample',
          'train-start',
          'eval-end',
          'checkpoint-write',
          'train-end',
          'result',
        ]),
      );
      expect(lossAt(ran, -1)).toBeLessThan(0.95 * lossAt(ran, 0));
      const { config, tensors } = await readPeft(out);
      expect([config.rank, config.alpha, config.targetModules, tensors.size]).toEqual([2, 4, ['q_proj', 'v_proj'], 16]);
      expect(await readFile(join(out, 'loss.svg'), 'utf8')).toMatch(/^<svg[\s\S]*held out[\s\S]*<\/svg>\s*$/);

      const heldOut = ran.events.at(-1)!['heldOutAfter'];
      expect(heldOut).toBe(lossAt(ran, -1));
      const inspected = await lowrank(['inspect', out, '--json']);
      expect(inspected.events[0]).toMatchObject({
        type: 'adapter',
        parameters: expect.any(Number),
        config: { r: 2 },
      });
      expect(inspected.events[0]!['modules'].every(({ normUpdate }: { normUpdate: number }) => normUpdate > 0)).toBe(
        true,
      );
    });
  });

  it('goes on after Ctrl-C and ends with the bytes of a run that was never stopped', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
      expect((await lowrank(trainOn(data, whole))).code).toBe(0);
      const stopped = await lowrank(trainOn(data, parts), signalAt('"type":"step-end","step":5,', 'SIGINT'));
      expect(stopped.code).toBe(130);
      expect(stopped.stderr).toContain(`lowrank train --resume --out ${parts}`);
      expect(stopped.events.at(-1)).toMatchObject({ type: 'stopped' });
      await expect(stat(join(parts, 'adapter_model.safetensors'))).rejects.toThrow('ENOENT');
      const resumed = await lowrank(['train', '--resume', '--out', parts, '--json']);
      expect(resumed.code).toBe(0);
      expect(steps(resumed)[0]).toBe(stopped.events.at(-1)!['step'] + 1);
      expect(await adapterOf(parts)).toEqual(await adapterOf(whole));
      expect(resumed.events.at(-1)!['heldOutBefore']).toBe(lossAt(stopped, 0));
    });
  }, 120_000);

  it('goes on after kill -9 at any moment, with the same bytes at the end', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
      expect((await lowrank(trainOn(data, whole))).code).toBe(0);
      const kill = (at: string) => signalAt(at, 'SIGKILL');
      expect((await lowrank(trainOn(data, parts), kill('"train-start"'))).code).toBe(null);
      const resume = ['train', '--resume', '--out', parts, '--json'];
      expect((await lowrank(resume, kill('"step":3,'))).code).toBe(null);
      expect((await lowrank(resume, kill('"type":"checkpoint-write","step":8'))).code).toBe(null);
      expect((await lowrank(resume)).code).toBe(0);
      expect(await adapterOf(parts)).toEqual(await adapterOf(whole));
    });
  }, 120_000);

  it('leaves an adapter that is there alone, until a new one is whole', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const out = join(folder, 'adapter');
      expect((await lowrank([...trainOn(data, out), '--steps', '1'])).code).toBe(0);
      const before = await adapterOf(out);
      const refused = await lowrank(trainOn(data, out));
      expect([refused.code, refused.events[0]]).toMatchObject([2, { type: 'error', given: `--out ${out}` }]);
      const stopped = await lowrank(
        [...trainOn(data, out), '--overwrite'],
        signalAt('"type":"step-end","step":2,', 'SIGINT'),
      );
      expect(stopped.code).toBe(130);
      expect(await adapterOf(out)).toEqual(before);
      expect((await lowrank(['train', '--resume', '--out', out])).code).toBe(0);
      expect(await adapterOf(out)).not.toEqual(before);
    });
  }, 120_000);

  it('leaves an adapter that is there alone, and nothing half-written, when the disk is full', async () => {
    await withFolder(async (folder) => {
      const data = await writeText(folder);
      const out = join(folder, 'adapter');
      expect((await lowrank([...trainOn(data, out), '--steps', '1'])).code).toBe(0);
      const before = await adapterOf(out);
      const full = await lowrank([...trainOn(data, out), '--overwrite'], { largestFile: 16 });
      expect([full.code, full.events.at(-1)]).toMatchObject([1, { type: 'error', code: 'file-unwritable' }]);
      expect(await adapterOf(out)).toEqual(before);
      expect((await readdir(out, { recursive: true })).filter((name) => name.includes('.tmp'))).toEqual([]);
    });
  }, 120_000);
});
