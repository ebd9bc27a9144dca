import { describe, expect, it, withFolder } from '@lowrank/testing';
import type { Checkpoint } from '@lowrank/core';
import { encodeSafetensors, readCheckpoint, writeCheckpoint } from '@lowrank/formats';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../test/golden.js';

const checkpoint: Checkpoint = {
  step: 40,
  tensors: new Map([
    ['layer.q.lora_A.weight', { shape: [2, 2], data: Float32Array.of(0.1, -0, NaN, -Infinity) }],
    ['optimizer/m/layer.q.lora_A.weight', { shape: [2, 2], data: Float32Array.of(1e-45, 3.4e38, 1, 2) }],
  ]),
  state: { losses: [4.125, 0.1], options: { seed: 7, schedule: null }, name: 'poète' },
};

describe('a checkpoint', () => {
  it('comes back bit for bit', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'run.safetensors');
      await writeCheckpoint(path, checkpoint);
      const { step, state, tensors } = await readCheckpoint(path);
      expect({ step, state }).toEqual({ step: 40, state: checkpoint.state });
      const bits = ({ data }: { data: Float32Array }) => Array.from(new Uint32Array(data.buffer));
      for (const [name, tensor] of checkpoint.tensors) {
        expect(tensors.get(name)?.shape).toEqual(tensor.shape);
        expect(bits(tensors.get(name) as typeof tensor)).toEqual(bits(tensor));
      }
      expect(await readdir(folder)).toEqual(['run.safetensors']);
    }));

  it('refuses a number that JSON cannot keep, and leaves the one before', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'run.safetensors');
      await writeCheckpoint(path, checkpoint);
      const before = await readFile(path);
      const lost = writeCheckpoint(path, { ...checkpoint, state: { losses: [NaN] } });
      await expect(lost).rejects.toMatchObject({ code: 'not-finite' });
      expect(await readFile(path)).toEqual(before);
    }));

  it('says why a file is none', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'run.safetensors');
      const written = async (text: string) => {
        await writeFile(path, encodeSafetensors(new Map(), { metadata: { 'lowrank.checkpoint': text } }));
        return readCheckpoint(path);
      };
      const model = golden('llama-tied/model.safetensors');
      await expect(readCheckpoint(model)).rejects.toMatchObject({ code: 'file-invalid', given: model });
      await expect(readCheckpoint(join(folder, 'none'))).rejects.toMatchObject({ code: 'file-missing' });
      const damaged = ['', '[]', '{"version":2}', '{"version":1,"step":-1,"state":{}}', '{"version":1,"step":1}'];
      for (const text of damaged) await expect(written(text)).rejects.toMatchObject({ code: 'file-invalid' });
      expect(await written('{"version":1,"step":1,"state":{}}')).toMatchObject({ step: 1, state: {} });
    }));
});
