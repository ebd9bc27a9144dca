import { LowrankError } from '../errors/lowrank-error.js';
import type { LoraInit } from '../init/lora-init.js';
import { adapterRules, checkBias, flag } from './adapter-options.js';
import { isRecord, readOptions, shown } from './read-options.js';

/** A LoRA configuration with its defaults in place. On disk the keys are PEFT's (`r`, `lora_alpha`, ...). */
export interface LoraConfig {
  /** Default 8. */
  rank: number;
  /** The update is scaled by alpha / rank, or alpha / sqrt(rank) with `useRslora`. Default 8. */
  alpha: number;
  /** On the adapter's input, in training only. Default 0. */
  dropout: number;
  /** Path suffixes; or a string: `all-linear`, else a regular expression for the whole path. */
  targetModules: string | string[];
  /** The same two forms, taken away from the targets. */
  excludeModules?: string | string[] | undefined;
  /** Default false. */
  useRslora: boolean;
  /** Expression for the end of a path -> its own rank; the first match wins. Default none. */
  rankPattern: Record<string, number>;
  /** Expression for the end of a path -> its own alpha; the first match wins. Default none. */
  alphaPattern: Record<string, number>;
  /**
   * How A and B start. Drawn: `kaiming` (PEFT's default and ours), `gaussian`, `orthogonal`, `random` (PEFT's `false`).
   * Computed by `initialFactors`, from the base's weights: `pissa`, `pissa_niter_N` (faster, N passes), `olora`; from what
   * packing took from them: `loftq`; from what the modules are given: `eva`.
   */
  init: LoraInit;
  /** Which of the base's own biases are trained: of adapted modules, or all. Default `none`. */
  bias: 'none' | 'lora_only' | 'all';
  /** A trained bias on B, scaled as the update is. Default false. */
  loraBias: boolean;
  /** A trained magnitude for each output, see `Dora`. Default false. */
  useDora: boolean;
  /** Modules trained whole and saved along, by the end of their path, such as a classifier head. Default none. */
  modulesToSave: string[];
  /** Ids whose rows of the first embedding are trained, or of each one by the end of its path. */
  trainableTokenIndices?: number[] | Record<string, number[]> | undefined;
  /** Indices of the layers to adapt, where targets are a list. */
  layersToTransform?: number | number[] | undefined;
  /** Names the list that the layers are in, for a path with more numbers than one. */
  layersPattern?: string | string[] | undefined;
  /** The base keeps weights as `[in, out]` (GPT-2's Conv1D); a plan sets it. Default false. */
  fanInFanOut: boolean;
  /** PEFT's, such as `CAUSAL_LM`. Default null. */
  taskType: string | null;
  /** What others find the base by. Default null. */
  baseModelNameOrPath: string | null;
}

/** What a caller writes: only `targetModules` has no default. */
export type LoraConfigInput = Pick<LoraConfig, 'targetModules'> & {
  [Key in keyof LoraConfig]?: LoraConfig[Key] | undefined;
};

/** Checks a config at the door and fills in its defaults. Throws `config-invalid`, with the nearest key for a typo. */
export function loraConfig(input: LoraConfigInput): LoraConfig {
  const { rank, alpha, dropout, useRslora, init, loraBias, useDora } = adapterRules;
  const config = readOptions<LoraConfig>(input, {
    rank,
    alpha,
    dropout,
    targetModules: {
      fits: (value) => isText(value) || (isList(value, isText) && value.length > 0),
      ...targets,
      needed,
    },
    excludeModules: { fits: (value) => isText(value) || isList(value, isText), ...targets },
    useRslora,
    rankPattern: { ...rank, start: {}, each },
    alphaPattern: { ...alpha, start: {}, each },
    init,
    bias: {
      fits: (value) => value === 'none' || value === 'all' || value === 'lora_only',
      rule: 'it is "none", "all" or "lora_only"',
      start: 'none',
    },
    loraBias,
    useDora,
    modulesToSave: { fits: (value) => isList(value, isText), rule: 'it is a list of module names', start: [] },
    trainableTokenIndices: {
      fits: (value) => isTokens(value) || (isRecord(value) && Object.values(value).every(isTokens) && !('' in value)),
      rule: 'it is a list of token ids, or one for each embedding',
    },
    layersToTransform: {
      fits: (value) => isIndex(value) || isList(value, isIndex),
      rule: 'it is an index or a list of them',
    },
    layersPattern: {
      fits: (value) => isString(value) || isList(value, isString),
      rule: 'it is a name or a list of them',
    },
    fanInFanOut: flag,
    taskType: textOrNull,
    baseModelNameOrPath: textOrNull,
  });
  checkLayers(config);
  return checkBias(config);
}

const needed = true;
const each = true;
const targets = { rule: 'targets are a list of module names, "all-linear" or a regular expression' };
const textOrNull = {
  fits: (value: unknown) => value === null || isString(value),
  rule: 'it is a text or null',
  start: null,
};

const isString = (value: unknown) => typeof value === 'string';
const isText = (value: unknown) => isString(value) && value !== '';
const isIndex = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTokens = (value: unknown) => isList(value, isIndex) && value.length > 0;

function isList(value: unknown, fits: (entry: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(fits);
}

/** What PEFT refuses of options that are right one by one. */
function checkLayers(config: LoraConfig): void {
  const { targetModules, layersToTransform, layersPattern } = config;
  const refuse = (key: keyof LoraConfig, rule: string, fix: string) => {
    throw new LowrankError('config-invalid', { given: `${key}: ${shown(config[key])}`, rule, fix });
  };
  const chosen = [layersToTransform ?? []].flat().length > 0;
  if (chosen && typeof targetModules === 'string') {
    refuse(
      'layersToTransform',
      'it needs a list of targetModules',
      'list the names, or choose layers in the expression',
    );
  }
  if ([layersPattern ?? []].flat().length > 0 && !chosen) {
    refuse('layersPattern', 'it needs layersToTransform', 'say which layers to adapt, or leave it out');
  }
}
