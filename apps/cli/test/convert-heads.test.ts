import { describe, expect, it, withFolder } from '@lowrank/testing';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeClassifierAdapter } from './classifier-adapter.js';
import { golden } from './golden.js';
import { lowrank } from './lowrank.js';
import { writeTinyBert } from './tiny-bert.js';

const classNames = ['spam', 'ham'];
const text = 'the patch works';
const names = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'classes.json'), 'utf8')).id2label as object;

describe('an adapter with a classification head', () => {
  it('goes to PEFT and vLLM with the names of its classes, checked against a base without a head', () =>
    withFolder(async (folder) => {
      const adapter = await writeClassifierAdapter(join(folder, 'adapter'), { classNames });
      const bert = await writeTinyBert(join(folder, 'bert'), [text]);
      for (const program of ['peft', 'vllm']) {
        const out = join(folder, program);
        const from = ['export', '--adapter', adapter, '--model', bert, '--for', program];
        const { code, events } = await lowrank([...from, '--out', out, '--json']);
        expect([code, events[0]]).toMatchObject([0, { modules: 3, classNames }]);
        expect(await names(out)).toEqual({ 0: 'spam', 1: 'ham' });
        const ran = await lowrank(['classify', '--model', bert, '--adapter', out, text, '--backend', 'wasm', '--json']);
        expect(Object.keys(ran.events[0]!['probabilities'])).toEqual(classNames);
      }
    }));

  it('leaves no names of another behind, and keeps them at another rank and in a sum', () =>
    withFolder(async (folder) => {
      const adapter = await writeClassifierAdapter(join(folder, 'adapter'), { classNames });
      const nameless = await writeClassifierAdapter(join(folder, 'bare'), { classNames, nameless: true });
      const other = await writeClassifierAdapter(join(folder, 'other'), { classNames: ['ham', 'spam'] });
      const out = join(folder, 'out');
      const write = ['--out', out, '--overwrite'];
      await lowrank(['rerank', adapter, '--rank', '1', ...write]);
      expect(await names(out)).toEqual({ 0: 'spam', 1: 'ham' });
      await lowrank(['export', '--adapter', nameless, '--for', 'peft', ...write]);
      expect(existsSync(join(out, 'classes.json'))).toBe(false);
      const half = ['--weights', '0.5,0.5'];
      expect((await lowrank(['combine', adapter, nameless, ...half, ...write])).code).toBe(0);
      expect(await names(out)).toEqual({ 0: 'spam', 1: 'ham' });
      const { code, stderr } = await lowrank(['combine', adapter, other, ...half, ...write]);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/other, whose classes are \["ham","spam"\].*--saved-from/s),
      ]);
      expect((await lowrank(['combine', adapter, other, ...half, '--saved-from', '2', ...write])).code).toBe(0);
      expect(await names(out)).toEqual({ 0: 'ham', 1: 'spam' });
    }));

  it('is refused for llama.cpp and MLX-LM by the head that they lack', () =>
    withFolder(async (folder) => {
      const adapter = await writeClassifierAdapter(join(folder, 'adapter'), { classNames });
      const run = (program: string) =>
        lowrank(['export', '--adapter', adapter, '--for', program, '--out', join(folder, 'out')]);
      const [llama, mlx] = [await run('llama.cpp'), await run('mlx')];
      expect([llama.code, llama.stderr]).toEqual([
        1,
        expect.stringMatching(/classifiers \(classifier\): llama\.cpp takes no whole modules/),
      ]);
      expect([mlx.code, mlx.stderr]).toEqual([1, expect.stringMatching(/MLX-LM has no BERT/)]);
      expect(existsSync(join(folder, 'out'))).toBe(false);
    }));
});

describe('an adapter of convolutions', () => {
  it('goes to PEFT as it is, and is refused for the others by name', () =>
    withFolder(async (folder) => {
      const from = golden('peft-folders/layers');
      const run = (program: string) =>
        lowrank(['export', '--adapter', from, '--for', program, '--out', join(folder, program)]);
      expect((await run('peft')).code).toBe(0);
      const weights = 'adapter_model.safetensors';
      expect(await readFile(join(folder, 'peft', weights))).toEqual(await readFile(join(from, weights)));
      for (const [program, name] of [
        ['vllm', 'vLLM'],
        ['llama.cpp', 'llama.cpp'],
        ['mlx', 'MLX-LM'],
      ] as const) {
        const { code, stderr } = await run(program);
        const because = new RegExp(`convolutions \\(conv1, conv2.*\\): ${name} adapts linears`);
        expect([code, stderr]).toEqual([1, expect.stringMatching(because)]);
        expect(existsSync(join(folder, program))).toBe(false);
      }
    }));
});
