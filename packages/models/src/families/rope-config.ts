import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '@lowrank/formats';
import type { RopeScaling, YarnScaling } from '../parts/rope-scaling.js';
import { ConfigReader } from './config-reader.js';

export interface RopeConfig {
  theta: number;
  scaling: RopeScaling;
  /** The most positions that the angles are made for. */
  maxPositions: number;
}

const types = ['default', 'linear', 'dynamic', 'llama3', 'yarn'] as const;

/**
 * Reads how positions are turned: `rope_theta` and `rope_scaling` of transformers 4, or `rope_parameters` of 5.
 *
 * @param maxPositions the config's `max_position_embeddings`
 * @throws `file-invalid`; `model-unsupported` for a scaling that is not honoured, by name
 */
export function readRope(json: JsonObject, file: string, maxPositions: number): RopeConfig {
  const config = new ConfigReader(json, file);
  const parameters = { ...config.object('rope_scaling'), ...config.object('rope_parameters') };
  const rope = new ConfigReader(parameters, file);
  for (const key of ['full_attention', 'sliding_attention', 'mrope_section']) rope.only(key, null);
  if ((parameters['partial_rotary_factor'] ?? json['partial_rotary_factor'] ?? 1) !== 1) {
    rope.only('partial_rotary_factor', null);
    config.only('partial_rotary_factor', null);
  }
  const theta = rope.positive('rope_theta', config.positive('rope_theta', 10000));
  const original = config.count('original_max_position_embeddings', {
    fallback: rope.count('original_max_position_embeddings', { fallback: maxPositions }),
  });
  const scaling = readScaling(parameters, file, { maxPositions, original });
  return { theta, scaling, maxPositions: reach(scaling, maxPositions) };
}

function readScaling(
  parameters: JsonObject,
  file: string,
  { maxPositions, original }: { maxPositions: number; original: number },
): RopeScaling {
  const rope = new ConfigReader(parameters, file);
  const type = rope.oneOf('rope_type', types, rope.oneOf('type', types, 'default'));
  if (type !== rope.oneOf('type', types, type)) throw disagreeing(parameters, file);
  switch (type) {
    case 'default':
      return { type };
    case 'linear':
      return { type, factor: rope.positive('factor') };
    case 'dynamic':
      return { type, factor: rope.positive('factor'), pretrained: maxPositions };
    case 'llama3': {
      const [lowFactor, highFactor] = [rope.positive('low_freq_factor'), rope.positive('high_freq_factor')];
      return { type, factor: rope.positive('factor'), pretrained: original, lowFactor, highFactor };
    }
    case 'yarn':
      return readYarn(rope, { maxPositions, original });
    default:
      return type satisfies never;
  }
}

function readYarn(
  rope: ConfigReader,
  { maxPositions, original }: { maxPositions: number; original: number },
): YarnScaling {
  const factor = rope.positive('factor', maxPositions / original);
  return {
    type: 'yarn',
    factor,
    pretrained: original,
    attentionFactor: rope.positive('attention_factor', attentionFactor(rope, factor)),
    betaFast: rope.positive('beta_fast', 32),
    betaSlow: rope.positive('beta_slow', 1),
    truncate: rope.flag('truncate', true),
  };
}

/** `0.1 · mscale · ln(factor) + 1`, by which longer texts' scores are made sharper; of two, their ratio. */
function attentionFactor(rope: ConfigReader, factor: number): number {
  const sharpness = (mscale: number) => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const [over, under] = [rope.number('mscale', 0), rope.number('mscale_all_dim', 0)];
  return over && under ? sharpness(over) / sharpness(under) : sharpness(1);
}

/** `max_position_embeddings` says the positions of the pretraining, or where it is more the stretched ones. */
function reach(scaling: RopeScaling, maxPositions: number): number {
  if (scaling.type === 'default') return maxPositions;
  const pretrained = 'pretrained' in scaling ? scaling.pretrained : maxPositions;
  return maxPositions > pretrained ? maxPositions : Math.max(maxPositions, Math.floor(scaling.factor * pretrained));
}

function disagreeing({ rope_type, type }: JsonObject, file: string): LowrankError {
  return new LowrankError('model-unsupported', {
    given: `${file}: "rope_type": ${JSON.stringify(rope_type)}, "type": ${JSON.stringify(type)}`,
    rule: 'two spellings of one key say the same',
    fix: 'take away the one that is wrong',
  });
}
