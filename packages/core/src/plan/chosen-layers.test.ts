import { inChosenLayers } from '@lowrank/core';
import { describe, expect, it } from '@lowrank/testing';

type Row = [path: string, layers: number | number[] | undefined, pattern: string | string[] | undefined, boolean];

/** What `peft.tuners.tuners_utils.check_target_module_exists` says of these. */
describe('layersToTransform', () => {
  it.each([
    ['model.layers.1.self_attn.q_proj', [1], undefined, true],
    ['model.layers.1.self_attn.q_proj', 1, undefined, true],
    ['model.layers.1.self_attn.q_proj', [0, 2], undefined, false],
    ['model.layers.11.self_attn.q_proj', [1], undefined, false],
    ['model.layers.1.experts.0.up', [0], undefined, false],
    ['model.layers.1.experts.0.up', [1], undefined, true],
    ['layers.1.q_proj', [1], undefined, false], // the index may not be the second part
    ['layers.1.q_proj', [1], 'layers', true],
    ['model.layers.1', [1], undefined, false],
    ['model.layers.1.experts.0.up', [0], 'experts', true],
    ['model.layers.1.experts.0.up', [0], ['experts', 'layers'], true],
    ['model.layers.1.experts.0.up', [0], ['layers', 'experts'], false],
    ['transformer.h.3.attn.c_attn', [3], 'h', true],
    ['transformer.h.3.attn.c_attn', [3], 'layers', false],
    ['transformer.depth.3.attn', [3], 'h', false],
    ['transformer.h.3.attn.c_attn', [3], '[gh]', true],
    ['transformer.h.3.attn.c_attn', [3], '', true],
    ['transformer.h.3.attn.c_attn', [3], [], true],
    ['head', [3], undefined, false],
    ['head', [], undefined, true],
    ['head', undefined, undefined, true],
  ] as Row[])('of %s in %j with pattern %j: %j', (path, layersToTransform, layersPattern, expected) => {
    expect(inChosenLayers({ layersToTransform, layersPattern }, path)).toBe(expected);
  });
});
