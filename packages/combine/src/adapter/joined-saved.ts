import { loraTensorName, LowrankError, type LoraConfig, type PlainTensor } from '@lowrank/core';
import { averaged, type Saved } from './average.js';
import { joinedBias } from './joined-bias.js';
import type { AdapterParts, TokenRows } from './read-parts.js';

/** An adapter and what its saved values count. */
export interface WeightedParts extends AdapterParts {
  weight: number;
}

export interface JoinedSaved {
  tensors: Map<string, PlainTensor>;
  config: Partial<Pick<LoraConfig, 'modulesToSave' | 'bias' | 'trainableTokenIndices'>>;
}

/**
 * What adapters bring besides updates: saved modules and trained biases, averaged; trained token rows, averaged row by
 * row over the adapters that train it; tables of embeddings, which have to be the same.
 * Throws as `averaged`, and `adapter-mismatch` where one adapter updates what another brings whole, where tables differ,
 * or biases would be missing.
 *
 * @param adapters those whose saved modules, biases and rows count
 */
export function joinedSaved(adapters: WeightedParts[], all: AdapterParts[]): JoinedSaved {
  checkApart(all);
  const tensors = new Map([...sameTables(all), ...averagedWhole(adapters)]);
  const rows = averagedRows(adapters);
  for (const [path, { values }] of rows) tensors.set(loraTensorName(path, 'trainable_tokens_delta'), values);
  const modulesToSave = [...new Set(adapters.flatMap(({ config }) => config.modulesToSave))];
  const config = { modulesToSave, bias: joinedBias(adapters, all) };
  return {
    tensors,
    config: rows.size === 0 ? config : { ...config, trainableTokenIndices: indicesOf(adapters, rows) },
  };
}

function averagedWhole(adapters: WeightedParts[]): Map<string, PlainTensor> {
  const names = [...new Set(adapters.flatMap(({ whole }) => [...whole.keys()]))];
  return new Map(
    names.map((name) => {
      const saved = adapters.flatMap(({ whole, weight }): Saved[] => {
        const tensor = whole.get(name);
        return tensor ? [{ tensor, weight }] : [];
      });
      return [name, averaged(`"${name}" of ${saved.length} of the adapters`, saved)];
    }),
  );
}

function averagedRows(adapters: WeightedParts[]): Map<string, TokenRows> {
  const paths = [...new Set(adapters.flatMap(({ rows }) => [...rows.keys()]))];
  return new Map(
    paths.map((path) => {
      const having = adapters.filter(({ rows }) => rows.has(path));
      const tokens = [...new Set(having.flatMap(({ rows }) => rows.get(path)?.tokens ?? []))];
      const data = tokens.map((token) => {
        const saved = having.flatMap(({ rows, weight }): Saved[] => {
          const tensor = rowOf(rows.get(path) as TokenRows, token);
          return tensor ? [{ tensor, weight }] : [];
        });
        return averaged(`the row of token ${token} of "${path}" of ${saved.length} of the adapters`, saved).data;
      });
      const hidden = data[0]?.length ?? 0;
      const values = { shape: [tokens.length, hidden], data: new Float32Array(tokens.length * hidden) };
      data.forEach((row, at) => values.data.set(row, at * hidden));
      return [path, { tokens, values }];
    }),
  );
}

function rowOf({ tokens, values }: TokenRows, token: number): PlainTensor | undefined {
  const [at, hidden] = [tokens.indexOf(token), values.shape[1] as number];
  return at === -1 ? undefined : { shape: [hidden], data: values.data.subarray(at * hidden, (at + 1) * hidden) };
}

/** A list where all adapters have one, which means the first embedding; else by path. */
function indicesOf(adapters: AdapterParts[], rows: Map<string, TokenRows>): LoraConfig['trainableTokenIndices'] {
  const [only] = rows.values();
  const lists = adapters.every(
    ({ config, rows: own }) => own.size === 0 || Array.isArray(config.trainableTokenIndices),
  );
  if (rows.size === 1 && lists) return only?.tokens;
  return Object.fromEntries(Array.from(rows, ([path, { tokens }]) => [path, tokens]));
}

function sameTables(adapters: AdapterParts[]): [string, PlainTensor][] {
  const tables = new Map<string, PlainTensor>();
  for (const { given, tables: own } of adapters) {
    for (const [path, table] of own) {
      const known = tables.get(path);
      if (known && !sameValues(known, table)) {
        throw new LowrankError('adapter-mismatch', {
          given: `the table of "${path}" that ${given} brings`,
          rule: 'another adapter brings another, and each belongs to the table that it was trained on',
          fix: 'combine adapters of the same model',
        });
      }
      tables.set(path, table);
    }
  }
  return Array.from(tables, ([path, table]) => [`${path}.base_layer.weight`, table]);
}

function sameValues(left: PlainTensor, right: PlainTensor): boolean {
  return left.shape.join() === right.shape.join() && left.data.every((value, index) => value === right.data[index]);
}

/** Throws where one adapter updates a module that another one brings whole, or of which it brings rows. */
function checkApart(adapters: AdapterParts[]): void {
  for (const { given, updates } of adapters) {
    for (const path of updates.keys()) {
      const other = adapters.find(({ whole, rows }) => whole.has(`${path}.weight`) || rows.has(path));
      if (!other) continue;
      throw new LowrankError('adapter-mismatch', {
        given: `"${path}": factors in ${given}, values of its own in ${other.given}`,
        rule: 'an update and what takes the place of the weight do not add up',
        fix: 'combine adapters that train this module in one way',
      });
    }
  }
}
