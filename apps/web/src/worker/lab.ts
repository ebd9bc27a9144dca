import { planAdapter, type AdapterPlan, type ModelOutline } from '@lowrank/core';
import { compare } from '@lowrank/combine';
import {
  estimate,
  planCost,
  predictSeconds,
  stepWork,
  wasmMemory,
  webgpuMemory,
  type KernelMemory,
  type Speed,
} from '@lowrank/efficiency';
import { encodeGgufAdapter, encodePeft, readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import {
  generate,
  loadModel,
  loadTokenizer,
  readOutline,
  type CausalModel,
  type ModelFolder,
  type Tokenizer,
} from '@lowrank/models';
import { zipSync } from 'fflate';
import type { BackendName, Cost, Heat, MergeSpeeds, RunSettings, Written } from '../messages.js';
import { shape } from './data.js';
import { deviceSpeed } from './device-speed.js';
import { ggufFacts } from './gguf-facts.js';
import { nextTokens } from './next-tokens.js';

type Size = Pick<RunSettings, 'rank' | 'targets'>;

interface Parts {
  folder: ModelFolder;
  model: CausalModel;
  tokenizer: Tokenizer;
  outline: ModelOutline;
  kernels: KernelMemory;
}

/** A model with the adapters on it: all that is done between runs. */
export class Lab {
  readonly folder: ModelFolder;
  readonly model: CausalModel;
  readonly tokenizer: Tokenizer;
  readonly outline: ModelOutline;
  readonly kernels: KernelMemory;
  readonly manager: LoraManager;
  readonly #weights = new Map<string, number>();
  #speed: Speed | undefined;

  private constructor({ folder, model, tokenizer, outline, kernels }: Parts) {
    this.folder = folder;
    this.model = model;
    this.tokenizer = tokenizer;
    this.outline = outline;
    this.kernels = kernels;
    this.manager = new LoraManager(model);
  }

  /** Loads a model, and measures how fast this device trains it. */
  static async open(folder: ModelFolder, backend: BackendName): Promise<Lab> {
    const [tokenizer, outline] = await Promise.all([loadTokenizer(folder), readOutline(folder)]);
    const kernels = { wasm: wasmMemory, webgpu: webgpuMemory }[backend];
    const lab = new Lab({ folder, model: await loadModel(folder), tokenizer, outline, kernels });
    lab.#speed = await deviceSpeed(lab);
    return lab;
  }

  /** Last parts of the linear modules' paths. */
  get targets(): string[] {
    const linear = this.model.modules().filter(({ kind, path }) => kind === 'linear' && path !== 'lm_head');
    return [...new Set(linear.map(({ path }) => path.slice(path.lastIndexOf('.') + 1)))];
  }

  get parameters(): number {
    return planCost(this.plan({ rank: 1, targets: this.targets })).baseParameters;
  }

  get weights(): Record<string, number> {
    return Object.fromEntries(this.#weights);
  }

  plan({ rank, targets }: Size): AdapterPlan {
    const config = { rank, alpha: 2 * rank, targetModules: targets, taskType: 'CAUSAL_LM' as const };
    return planAdapter(config, this.model.modules());
  }

  cost(choice: Size): Cost {
    const plan = this.plan(choice);
    const workload = { ...shape, kernels: this.kernels };
    const { memory, fileBytes } = estimate(this.outline, plan, workload);
    const { adapterParameters, baseParameters } = planCost(plan);
    return {
      parameters: adapterParameters,
      share: adapterParameters / baseParameters,
      memory: memory.total,
      fileBytes,
      seconds: predictSeconds(stepWork(this.outline, plan, workload), this.#speed!),
    };
  }

  /** A fresh adapter for a run, in the place of one of that name. */
  begin(name: string, settings: Size): void {
    const plan = this.plan(settings);
    if (this.#weights.has(name)) this.manager.delete(name);
    this.manager.add(name, plan);
    this.weigh({ [name]: 1 });
  }

  /** Reads a PEFT folder whole before anything changes; it acts at once, under a name of its own. */
  async add(files: Map<string, Uint8Array>): Promise<void> {
    const adapter = await readPeft(files);
    let number = 1;
    while (this.#weights.has(`added-${number}`)) number++;
    this.manager.add(`added-${number}`, adapter);
    this.weigh({ [`added-${number}`]: 1 });
  }

  /** Weights of some adapters; 0 leaves one off. */
  weigh(weights: Record<string, number>): void {
    for (const [name, weight] of Object.entries(weights)) this.#weights.set(name, weight);
    const acting = [...this.#weights].filter(([, weight]) => weight !== 0);
    this.manager.activate(acting.length > 0 ? Object.fromEntries(acting) : undefined);
  }

  /** Merges what acts, and tells how fast the model writes before and after. */
  async merge(): Promise<MergeSpeeds> {
    const speed = async () => Math.max(...[await this.write('The'), await this.write('The')].map(rate));
    const apart = await speed();
    await this.manager.merge();
    return { apart, merged: await speed() };
  }

  async withBase<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.manager.withDisabled(work);
  }

  /** What comes after a prompt, always the likeliest, and how fast. */
  async write(prompt: string, maxNewTokens = 40): Promise<Written> {
    const next = await nextTokens(this.model, this.tokenizer, prompt);
    const start = performance.now();
    let [text, tokens] = ['', 0];
    for await (const piece of generate(this.model, this.tokenizer, { prompt, maxNewTokens, temperature: 0 })) {
      text += piece;
      tokens++;
    }
    return { text, next, tokensPerSecond: (tokens / (performance.now() - start)) * 1000 };
  }

  async heat(name: string): Promise<Heat[]> {
    const adapter = await this.manager.adapter(name);
    return compare(adapter, adapter).modules.map(({ path, first }) => ({
      path,
      norm: first?.norm ?? 0,
      effectiveRank: first?.effectiveRank ?? 0,
    }));
  }

  /** An adapter as a zip of its PEFT folder, or of a GGUF file for this model. */
  async zip(name: string, format: 'peft' | 'gguf'): Promise<Uint8Array<ArrayBuffer>> {
    const adapter = await this.manager.adapter(name);
    const files =
      format === 'peft'
        ? Object.fromEntries(encodePeft(adapter))
        : { [`${name}.gguf`]: encodeGgufAdapter(adapter, ggufFacts(this.model, this.outline)) };
    return zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>;
  }

  /** Frees the model and all that is on it. */
  [Symbol.dispose](): void {
    this.manager.dispose();
    this.model.dispose();
  }
}

const rate = ({ tokensPerSecond }: Written) => tokensPerSecond;
