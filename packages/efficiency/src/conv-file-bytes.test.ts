import { planAdapter, type ModuleInfo } from '@lowrank/core';
import { adapterFileBytes } from '@lowrank/efficiency';
import { fileSource, openSafetensors, readPeft } from '@lowrank/formats';
import { describe, expect, it } from '@lowrank/testing';
import { readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const goldens = fileURLToPath(new URL('../../../tooling/goldens/data/peft-convs', import.meta.url));

/** The convolutions that an adapter's own shapes tell of. */
async function convsOf(file: string): Promise<ModuleInfo[]> {
  const { tensors, close } = await openSafetensors(await fileSource(file));
  await close();
  return [...tensors].flatMap(([name, { shape }]): ModuleInfo[] => {
    const path = /^base_model\.model\.([^.]+)\.(lora_A\.weight|weight|bias)$/.exec(name)?.[1];
    if (path === undefined) return [];
    if (name.endsWith('.weight') && !name.includes('lora_'))
      return [savedWhole(path, shape, tensors.has(name.replace('weight', 'bias')))];
    if (name.endsWith('.bias')) return tensors.has(name.replace('bias', 'weight')) ? [] : [biasAlone(path, shape)];
    const [rank, from, ...kernel] = shape as [number, number, ...number[]];
    const [out, share] = tensors.get(name.replace('lora_A', 'lora_B'))!.shape as [number, number];
    const groups = rank / share;
    const parameters = kernel.reduce((product, side) => product * side, (from * out) / groups);
    const bias = tensors.has(name.replace('lora_A.weight', 'base_layer.bias'));
    const kind = kernel.length === 0 ? 'linear' : `conv${kernel.length}d`;
    const conv = kernel.length === 0 ? {} : { kernel, ...(groups > 1 && { groups }) };
    return [{ path, kind, in: from, out, ...conv, bias, parameters: parameters + out, bytes: 0 }];
  });
}

function savedWhole(path: string, [out = 1, from = 1, ...kernel]: readonly number[], bias: boolean): ModuleInfo {
  const parameters = kernel.reduce((product, side) => product * side, out * from) + (bias ? out : 0);
  const kind = kernel.length === 0 ? 'linear' : `conv${kernel.length}d`;
  return { path, kind, in: from, out, ...(kernel.length > 0 && { kernel }), bias, parameters, bytes: 0 };
}

function biasAlone(path: string, [out = 1]: readonly number[]): ModuleInfo {
  return { path, kind: 'conv2d', out, bias: true, parameters: out, bytes: 0 };
}

describe('adapterFileBytes of convolutions', () => {
  const names = readdirSync(goldens).filter((name) => !name.includes('.'));

  it.each(names)("is the size of PEFT's own file: %s", async (name) => {
    const file = join(goldens, name, 'adapter_model.safetensors');
    const infos = await convsOf(file);
    expect(infos.length).toBeGreaterThan(0);
    const { config } = await readPeft(join(goldens, name));
    expect(adapterFileBytes(infos, planAdapter(config, infos))).toBe((await stat(file)).size);
  });
});
