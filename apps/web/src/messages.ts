/** What is learned and how. */
export interface RunSettings {
  text: string;
  rank: number;
  /** Last parts of module paths, such as `q_proj`. */
  targets: string[];
  steps: number;
}

export type BackendName = 'webgpu' | 'wasm';

/** From the page to the worker. */
export type Command =
  | { type: 'start'; backend: BackendName }
  | { type: 'cost'; rank: number; targets: string[] }
  | { type: 'train'; settings: RunSettings }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'add'; name: string; files: Map<string, Uint8Array> }
  | { type: 'weigh'; weights: Record<string, number> }
  | { type: 'merge'; merged: boolean }
  | { type: 'sample'; prompt: string }
  | { type: 'download'; name: string; format: 'peft' | 'gguf' };

export interface Started {
  backend: BackendName;
  /** Threads of wasm; 1 with WebGPU. */
  threads: number;
  /** Why there is but one thread. */
  oneThreadBecause?: string | undefined;
  targets: string[];
  /** A run of an earlier visit that can go on. */
  saved?: { step: number; settings: RunSettings } | undefined;
}

export interface Cost {
  parameters: number;
  /** Share of the base's parameters, 0 to 1. */
  share: number;
  /** Bytes at a step's peak. */
  memory: number;
  fileBytes: number;
  /** Floating-point operations of a step. */
  flops: number;
}

export interface Point {
  step: number;
  loss: number;
}

/** One adapted module, for the heat map. */
export interface Heat {
  path: string;
  norm: number;
  effectiveRank: number;
}

/** From the worker to the page. */
export type Report =
  | { type: 'started'; started: Started }
  | { type: 'cost'; cost: Cost }
  | { type: 'step'; point: Point; steps: number; tokensPerSecond: number }
  | { type: 'held-out'; point: Point }
  | { type: 'stopped'; step: number; reason: 'done' | 'paused' }
  | { type: 'heat'; heat: Heat[] }
  | { type: 'adapters'; names: string[]; weights: Record<string, number>; merged: boolean }
  | { type: 'sampled'; base: string; adapted: string; tokensPerSecond: number }
  | { type: 'file'; name: string; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'failed'; message: string };
