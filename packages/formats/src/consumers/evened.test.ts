import { loraTensorName, parseLoraTensorName, patternValue, scalingOf, type Adapter } from '@lowrank/core';
import { prepareFor, readPeft, readPeftFolder, writePeftFolder } from '@lowrank/formats';
import { expect, it, matMul64, withFolder } from '@lowrank/testing';
import { golden } from '../../test/golden.js';

/** `scaling · A B` of a module, in float64, row by row. */
function delta({ config, tensors }: Adapter, path: string): number[] {
  const a = tensors.get(loraTensorName(path, 'lora_A'))!;
  const b = tensors.get(loraTensorName(path, 'lora_B'))!;
  const rank = patternValue(config.rankPattern, path) ?? config.rank;
  const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
  const scaling = scalingOf({ rank, alpha, useRslora: config.useRslora });
  const product = matMul64(a.data, b.data, [a.shape[0]!, rank, b.shape[1]!]);
  return Array.from(product, (value) => value * scaling);
}

it('an adapter with ranks and scales of single modules acts the same for vLLM, under one rank and one alpha', () =>
  withFolder(async (folder) => {
    const from = golden('peft-adapter-rslora');
    const { adapter, changes, maxLoraRank } = prepareFor('vllm', await readPeftFolder(from));
    expect(changes.map(({ feature }) => feature)).toEqual(['patterns']);
    expect(maxLoraRank).toBe(8);
    await writePeftFolder(folder, adapter);
    const [before, after] = [await readPeft(from), await readPeft(folder)];
    expect(after.config).toMatchObject({ rank: 8, useRslora: false, rankPattern: {}, alphaPattern: {} });
    const paths = new Set(Array.from(before.tensors.keys(), (name) => parseLoraTensorName(name)!.path));
    expect(paths.size).toBeGreaterThan(4);
    for (const path of paths) {
      const [given, got] = [delta(before, path), delta(after, path)];
      const size = Math.max(...given.map(Math.abs));
      const worst = Math.max(...got.map((value, index) => Math.abs(value - given[index]!)));
      // One float32 rounding of lora_B.
      expect(worst / size, path).toBeLessThan(1.2e-7);
    }
  }));
