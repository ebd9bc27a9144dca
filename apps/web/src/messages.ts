/** Which model to load. */
export type ModelChoice =
  /** The one that comes with the page. */
  | { from: 'page' }
  /** `owner/name` on the Hugging Face hub, or one of its `.gguf` files. */
  | { from: 'hub'; id: string }
  /** Files of a folder on the visitor's disk. */
  | { from: 'disk'; name: string; files: File[] };

/** What is learned and how. */
export interface RunSettings {
  text: string;
  /** What the text is called; its ending tells how it is read: `.csv`, `.jsonl` or plain. */
  file: string;
  rank: number;
  /** Last parts of module paths, such as `q_proj`. */
  targets: string[];
  steps: number;
  learningRate: number;
  /** What the model goes on with along the way. */
  prompt: string;
}

export type BackendName = 'webgpu' | 'wasm';

/** From the page to the worker. */
export type Command =
  | { type: 'start'; backend: BackendName; model: ModelChoice }
  | { type: 'cost'; rank: number; targets: string[] }
  | { type: 'train'; settings: RunSettings }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'add'; files: File[] }
  | { type: 'weigh'; weights: Record<string, number> }
  | { type: 'merge'; merged: boolean }
  | { type: 'sample'; prompt: string }
  | { type: 'download'; name: string; format: 'peft' | 'gguf' };

export interface Started {
  model: { name: string; parameters: number };
  backend: BackendName;
  /** Threads of wasm; 1 with WebGPU. */
  threads: number;
  /** Why there is but one thread. */
  oneThreadBecause?: string | undefined;
  targets: string[];
  /** A run of an earlier visit on this model that can go on. */
  saved?: { step: number; settings: RunSettings } | undefined;
  /** What is to be told of an earlier visit, such as a file that could not be read. */
  notice?: string | undefined;
}

export interface Cost {
  parameters: number;
  /** Share of the base's parameters, 0 to 1. */
  share: number;
  /** Bytes at a step's peak. */
  memory: number;
  fileBytes: number;
  /** Predicted seconds of a step on this device. */
  seconds: number;
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

/** A token that may come next, and how likely it is. */
export interface NextToken {
  text: string;
  /** Natural logarithm of its probability. */
  logProbability: number;
}

/** What one of the two, the base or the base with its adapters, makes of a prompt. */
export interface Written {
  text: string;
  /** The likeliest first. */
  next: NextToken[];
  tokensPerSecond: number;
}

/** Tokens a second before and after a merge. */
export interface MergeSpeeds {
  apart: number;
  merged: number;
}

/** From the worker to the page. */
export type Report =
  | { type: 'loading'; what: string; bytes?: number; size?: number }
  | { type: 'started'; started: Started }
  | { type: 'cost'; cost: Cost }
  | { type: 'step'; point: Point; steps: number; tokensPerSecond: number }
  | { type: 'held-out'; point: Point }
  | { type: 'stopped'; step: number; reason: 'done' | 'paused' }
  | { type: 'heat'; heat: Heat[] }
  | { type: 'adapters'; weights: Record<string, number>; merged: boolean; speeds?: MergeSpeeds | undefined }
  | { type: 'sampled'; prompt: string; step?: number | undefined; base: Written; adapted: Written }
  | { type: 'file'; name: string; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'failed'; message: string };
