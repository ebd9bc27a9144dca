import { BlockWeight, type LoraLayer, type PlannedExtra } from '@lowrank/core';
import type { Board } from './board.js';
import type { Site } from './site.js';
import type { Slot, Slots } from './slots.js';
import { parametersOf } from './values.js';

/** What is on a model: PEFT's `get_model_status` and `get_layer_status`. */
export interface ManagerStatus {
  /** Weights of the active adapters by name; empty for the base alone. */
  active: Record<string, number>;
  /** Whether they are merged. */
  merged: boolean;
  adapters: AdapterStatus[];
  /** Names of those that are registered, and not loaded now. */
  registered: string[];
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
  /** Of the factors; 0 where the adapter that was swapped in has none here. */
  rank?: number;
  /** What the update is multiplied by: alpha / rank, times `scale`. */
  scaling?: number;
  parameters: number;
}

export function managerStatus({ host, slots, sites, frames, lazy }: Board): ManagerStatus {
  const { active, merged } = frames.top;
  const adapters = Array.from(slots, ([name, slot]) => adapterStatus(name, slot, active.has(name)));
  const base = host.modules().reduce((sum, { parameters }) => sum + parameters, 0);
  const all = total(adapters);
  const trainable = total(adapters.filter((one) => one.active));
  return {
    active: Object.fromEntries(active),
    merged: merged !== undefined,
    adapters,
    registered: [...lazy.loaders.keys()].filter((name) => !slots.has(name)),
    layers: Array.from(sites, (site) => layerStatus(site, { slots, merged: merged !== undefined })),
    parameters: { base, adapters: all, trainable, percent: (100 * trainable) / (base + all) },
  };
}

function adapterStatus(name: string, slot: Slot, active: boolean): AdapterStatus {
  const { config, plan, room, modules } = slot;
  const paths = plan.modules.map(({ path }) => path);
  const extras = [...modules.keys()].filter((path) => !room.modules.some((one) => one.path === path));
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

function layerAdapter(path: string, name: string, { plan, room, modules }: Slot): LayerAdapterStatus[] {
  const module = modules.get(path);
  if (!module) return [];
  const parameters = countOf(module.parameters(path));
  const extra = room.extras.find((one) => one.path === path);
  if (extra && !room.modules.some((one) => one.path === path)) return [{ name, trains: extra.trains, parameters }];
  const rank = plan.modules.find((one) => one.path === path)?.rank ?? 0;
  return [{ name, trains: 'factors', rank, scaling: (module as LoraLayer).scaling, parameters }];
}

const countOf = (parameters: { variable: { size: number } }[]) =>
  parameters.reduce((sum, { variable }) => sum + variable.size, 0);

const total = (adapters: AdapterStatus[]) => adapters.reduce((sum, { parameters }) => sum + parameters, 0);
