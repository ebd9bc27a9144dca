import { describe, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backendsHere } from './here.js';
import { lowrank, softwareGpu, tfjsNode, writeText } from './lowrank.js';

const here = await backendsHere();
const small = '--model tiny --rank 2 --targets q_proj,v_proj --batch 2 --sequence 32'.split(' ');
const train = (data: string, out: string, ...rest: string[]) => [
  ...['train', ...small, '--learning-rate', '0.01', '--steps', '4', '--checkpoint-every', '2', '--json'],
  ...['--data', data, '--out', out, ...rest],
];

const startsOf = async (out: string) =>
  (await readFile(join(out, 'run', 'events.jsonl'), 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"backend-start"'))
    .map((line) => JSON.parse(line) as { step: number; backend: { name: string } })
    .map(({ step, backend }) => [step, backend.name]);

describe('--backend', () => {
  it('refuses a name that is none, and lists those that are', async () => {
    for (const command of ['train', 'eval', 'generate', 'merge']) {
      const { code, stderr } = await lowrank([command, '--backend', 'cuda']);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/cuda[\s\S]*auto, node, wasm, webgpu/)]);
    }
  });

  it('fails with what to install where the one that was named is absent', async () => {
    const { code, events } = await lowrank(['generate', '--model', 'tiny', '--backend', 'node', '--json'], {
      env: tfjsNode('absent'),
    });
    expect(code).toBe(1);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'error',
        code: 'backend-unavailable',
        fix: expect.stringContaining('npm install @tensorflow/tfjs-node'),
      }),
    ]);
  });

  it('left out, falls back to wasm with one line of notice, and none of it in the JSON', async () => {
    await withFolder(async (folder) => {
      const evaluate = ['eval', '--model', 'tiny', '--data', await writeText(folder), '--sequence', '32', '--json'];
      const auto = await lowrank(evaluate, { env: tfjsNode('absent') });
      const wasm = await lowrank([...evaluate, '--backend', 'wasm'], { env: tfjsNode('absent') });
      expect([auto.code, auto.stdout]).toEqual([0, wasm.stdout]);
      expect(auto.stderr).toMatch(/^notice: backend "wasm" is used, for .*npm install @tensorflow\/tfjs-node.*\n$/);
      expect(wasm.stderr).toBe('');
    });
  });

  for (const [name, env] of [
    ['node', {}],
    ['webgpu', softwareGpu],
  ] as const) {
    it.runIf(here[name])(`${name} trains to the loss that wasm trains to, and the run says so`, async () => {
      await withFolder(async (folder) => {
        const data = await writeText(folder);
        const [there, wasm] = [join(folder, name), join(folder, 'on-wasm')];
        const short = ['--steps', '2', '--batch', '1', '--sequence', '16', '--holdout', '0.02'];
        const ran = await lowrank(train(data, there, ...short, '--backend', name), { env });
        const reference = await lowrank(train(data, wasm, ...short, '--backend', 'wasm'));
        expect([ran.code, ran.stderr.includes('error')]).toEqual([0, false]);
        const [loss, expected] = [ran, reference].map(({ events }) => events.at(-1)!['heldOutAfter'] as number);
        expect(loss).toBeCloseTo(expected!, 3);
        expect(Math.abs(loss! - ran.events.at(-1)!['heldOutBefore'])).toBeGreaterThan(0.01);
        expect(ran.events.at(-1)).toMatchObject({ type: 'result', backend: { name } });
        expect(await startsOf(there)).toEqual([[0, name]]);
      });
    });
  }

  it.runIf(here.node)(
    'goes on where a run was, and elsewhere only when told, with a notice',
    async () => {
      await withFolder(async (folder) => {
        const data = await writeText(folder);
        const stop = (out: string, at: number) => ({
          onLine: (line: string, child: { kill: (signal: 'SIGINT') => void }) =>
            void (line.includes(`"type":"step-end","step":${at},`) && child.kill('SIGINT')),
          out,
        });
        const [same, other] = [join(folder, 'same'), join(folder, 'other')];
        for (const out of [same, other]) {
          expect((await lowrank(train(data, out, '--backend', 'wasm'), stop(out, 2))).code).toBe(130);
        }
        const resumed = await lowrank(['train', '--resume', '--out', same]);
        expect([resumed.code, resumed.stdout.includes('notice')]).toEqual([0, false]);
        expect((await startsOf(same)).map(([, name]) => name)).toEqual(['wasm', 'wasm']);
        const moved = await lowrank(['train', '--resume', '--out', other, '--backend', 'node']);
        expect([moved.code, moved.stdout]).toEqual([
          0,
          expect.stringMatching(/notice: the run computed on wasm so far and goes on on node/),
        ]);
        expect((await startsOf(other)).map(([, name]) => name)).toEqual(['wasm', 'node']);
      });
    },
    120_000,
  );
});
