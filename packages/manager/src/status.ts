import { BlockWeight, type Host, type LoraLayer, type PlannedExtra } from '@lowrank/core';
import type { Frames } from './frames.js';
import type { Site } from './site.js';
import type { Sites } from './sites.js';
import type { Slot, Slots } from './slots.js';
import { parametersOf } from './values.js';

/** What is on a model: PEFT's `get_model_status` and `get_layer_status`. */
export interface ManagerStatus {
  /** Weights of the active adapters by name; empty for the base alone. */
  active: Record<string, number>;
  /** Whether they are merged. */
  merged: boolean;
  adapters: AdapterStatus[];
  /** Of each module that some adapter touches, in the order in which they came. */
  layers: LayerStatus[];
  parameters: ParameterCounts;
}

export interface ParameterCounts {
  /** Of the frozen model. */
  base: number;
  /** Of all adapters that are held. */
  adapters: number;
  /** Of the active ones. */
  trainable: number;
  /** `trainable` of `base + adapters`, in percent. */
  percent: number;
}

export interface AdapterStatus {
  name: string;
  rank: number;
  alpha: number;
  active: boolean;
  /** Paths of the modules with factors, in forward order. */
  modules: string[];
  /** Paths of those that are trained otherwise: saved whole, or in their bias only. */
  extras: string[];
  /** Values of all that it trains. */
  parameters: number;
  /** Of all that it holds. */
  bytes: number;
}

export interface LayerStatus {
  path: string;
  kind: string;
  /** Of the base's weight, e.g. `[in, out]`. */
  shape: number[];
  /** Of the base's weight: `float32`, or the format of its blocks. */
  dtype: string;
  adapters: LayerAdapterStatus[];
  /** Names of those that act here now. */
  active: string[];
  /** Whether what acts here is merged. */
  merged: boolean;
}

export interface LayerAdapterStatus {
  name: string;
  trains: 'factors' | PlannedExtra['trains'];
  /** Of the factors. */
  rank?: number;
  /** What the update is multiplied by: alpha / rank, times `scale`. */
  scaling?: number;
  parameters: number;
}

/** Everything that a manager knows. */
export interface Known {
  host: Host;
  slots: Slots;
  sites: Sites;
  frames: Frames;
}

export function managerStatus({ host, slots, sites, frames }: Known): ManagerStatus {
  const { active, merged } = frames.top;
  const adapters = Array.from(slots, ([name, slot]) => adapterStatus(name, slot, active.has(name)));
  const base = host.modules().reduce((sum, { parameters }) => sum + parameters, 0);
  const all = total(adapters);
  const trainable = total(adapters.filter((one) => one.active));
  return {
    active: Object.fromEntries(active),
    merged: merged !== undefined,
    adapters,
    layers: Array.from(sites, (site) => layerStatus(site, { slots, merged: merged !== undefined })),
    parameters: { base, adapters: all, trainable, percent: (100 * trainable) / (base + all) },
  };
}

function adapterStatus(name: string, slot: Slot, active: boolean): AdapterStatus {
  const { config, plan, modules } = slot;
  const paths = plan.modules.map(({ path }) => path);
  const extras = [...modules.keys()].filter((path) => !paths.includes(path));
  const parameters = countOf(parametersOf(modules));
  const { rank, alpha } = config;
  return { name, rank, alpha, active, modules: paths, extras, parameters, bytes: slot.bytes };
}

function layerStatus(site: Site, { slots, merged }: { slots: Slots; merged: boolean }): LayerStatus {
  const { path, kind, base, acting } = site;
  const { weight } = base;
  const packed = weight instanceof BlockWeight;
  return {
    path,
    kind,
    shape: [...weight.shape],
    dtype: packed ? weight.format : weight.dtype,
    adapters: Array.from(slots, ([name, slot]) => layerAdapter(path, name, slot)).flat(),
    active: acting.map(({ name }) => name),
    merged: merged && acting.length > 0,
  };
}

function layerAdapter(path: string, name: string, { plan, modules }: Slot): LayerAdapterStatus[] {
  const module = modules.get(path);
  if (!module) return [];
  const parameters = countOf(module.parameters(path));
  const planned = plan.modules.find((one) => one.path === path);
  if (planned) {
    return [{ name, trains: 'factors', rank: planned.rank, scaling: (module as LoraLayer).scaling, parameters }];
  }
  const extra = plan.extras.find((one) => one.path === path) as PlannedExtra;
  return [{ name, trains: extra.trains, parameters }];
}

const countOf = (parameters: { variable: { size: number } }[]) =>
  parameters.reduce((sum, { variable }) => sum + variable.size, 0);

const total = (adapters: AdapterStatus[]) => adapters.reduce((sum, { parameters }) => sum + parameters, 0);
