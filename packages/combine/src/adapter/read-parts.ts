import {
  loraConfig,
  LowrankError,
  patternValue,
  scalingOf,
  type Adapter,
  type LoraConfig,
  type PlainTensor,
} from '@lowrank/core';
import { matrixOf } from '../matrix/matrix.js';
import { checkPair } from './check-pair.js';
import { placeOf } from './tensor-place.js';
import { factorsOf, type Update } from './update.js';

/** An adapter taken apart by what its tensors are. */
export interface AdapterParts {
  /** What messages call it. */
  given: string;
  config: LoraConfig;
  /** By path, in the adapter's order. */
  updates: Map<string, Update>;
  /** Trained rows of tables, by path: `[tokens, hidden]`, and which rows they are. */
  rows: Map<string, TokenRows>;
  /** Tensors that take the place of the base's, by name. */
  whole: Map<string, PlainTensor>;
  /** Tables that factors were trained on, by path. */
  tables: Map<string, PlainTensor>;
}

export interface TokenRows {
  tokens: number[];
  values: PlainTensor;
}

/**
 * Takes an adapter apart. Throws `config-invalid`; `adapter-mismatch` where factors are no whole pairs of the config's
 * ranks or rows not those that it names; `not-finite`; `config-unsupported` for DoRA, whose change is not in its factors
 * alone, and for a start that changed the base.
 */
export function readParts(given: string, { config: input, tensors }: Adapter): AdapterParts {
  const config = checked(given, input);
  const parts: AdapterParts = {
    given,
    config,
    updates: new Map(),
    rows: new Map(),
    whole: new Map(),
    tables: new Map(),
  };
  const pairs = new Map<string, Pair>();
  for (const [name, tensor] of tensors) {
    checkFinite(given, name, tensor);
    const place = placeOf(name);
    if (place.is === 'a' || place.is === 'b' || place.is === 'bias') {
      const pair = pairs.get(place.path) ?? { path: place.path };
      if ('of' in place) checkKind(given, pair, place.of);
      pair[place.is] = tensor;
      pairs.set(place.path, pair);
    } else if (place.is === 'magnitude') throw dora(`"${name}" of ${given}`);
    else if (place.is === 'rows') parts.rows.set(place.path, rowsOf(parts, place.path, tensor));
    else if (place.is === 'table') parts.tables.set(place.path, tensor);
    else parts.whole.set(name, tensor);
  }
  for (const [path, pair] of pairs) parts.updates.set(path, updateOf(parts, pair));
  return parts;
}

/** Starts after which the base still is what it was. */
const plainStarts: ReadonlySet<string> = new Set(['kaiming', 'gaussian', 'orthogonal', 'random']);

interface Pair {
  path: string;
  kind?: Update['kind'];
  a?: PlainTensor;
  b?: PlainTensor;
  bias?: PlainTensor;
}

function checked(given: string, input: LoraConfig): LoraConfig {
  const { init, useDora }: { init?: string; useDora?: boolean } = input;
  if (useDora) throw dora(`useDora of ${given}`);
  if (init === undefined || plainStarts.has(init)) return loraConfig(input);
  throw new LowrankError('config-unsupported', {
    given: `init: "${init}" of ${given}`,
    rule: 'its factors belong to a base that its start changed',
    fix: 'make it plain LoRA on the base it came from first (`plainLora` of @lowrank/formats)',
  });
}

function updateOf({ given, config }: AdapterParts, { path, kind = 'linear', a, b, bias }: Pair): Update {
  const where = `"${path}" of ${given}`;
  const rank = patternValue(config.rankPattern, path) ?? config.rank;
  const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
  const pair = checkPair(where, { a, b, bias }, rank);
  const scaling = scalingOf({ rank, alpha, useRslora: config.useRslora });
  const onB = bias && matrixOf(bias.data, 1, bias.data.length).data;
  return { path, kind, ...factorsOf(pair.a, pair.b), scaling, bias: onB };
}

function rowsOf({ given, config }: AdapterParts, path: string, values: PlainTensor): TokenRows {
  const { trainableTokenIndices: indices = [] } = config;
  const tokens = Array.isArray(indices) ? indices : Object.entries(indices).find(([name]) => path.endsWith(name))?.[1];
  if (tokens !== undefined && values.shape.length === 2 && values.shape[0] === tokens.length) return { tokens, values };
  throw new LowrankError('adapter-mismatch', {
    given: `trained rows [${values.shape.join(', ')}] of "${path}" of ${given}`,
    rule: `its config names ${tokens?.length ?? 0} of that table`,
    fix: 'get or save the whole adapter again',
  });
}

function checkKind(given: string, pair: Pair, kind: Update['kind']): void {
  if (pair.kind !== undefined && pair.kind !== kind) {
    throw new LowrankError('adapter-mismatch', {
      given: `"${pair.path}" of ${given}`,
      rule: 'it has factors of a linear and of an embedding',
      fix: 'get or save the whole adapter again',
    });
  }
  pair.kind = kind;
}

function checkFinite(given: string, name: string, { data }: PlainTensor): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  throw new LowrankError('not-finite', {
    given: `value ${at} of "${name}" of ${given}, ${data[at]}`,
    rule: 'arithmetic on it would spread to every value',
    fix: 'take the adapter from before its training diverged',
  });
}

function dora(given: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given,
    rule: "what DoRA changes depends on the base's own columns, so it is no sum of updates",
    fix: 'merge it into its base, and extract plain LoRA from the two (`extract`, `lowrank extract`)',
  });
}
