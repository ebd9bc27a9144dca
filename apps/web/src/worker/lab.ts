import { planAdapter, type ModelOutline } from '@lowrank/core';
import { compare } from '@lowrank/combine';
import { estimate, planCost } from '@lowrank/efficiency';
import { encodeGgufAdapter, encodePeft, readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { generate, loadModel, loadTokenizer, readOutline, type CausalModel, type Tokenizer } from '@lowrank/models';
import { zipSync } from 'fflate';
import type { Cost, Heat, RunSettings } from '../messages.js';
import { shape } from './data.js';
import { embeddedModel } from './embedded-model.js';

/** A model with the adapters on it: all that is done between runs. */
export class Lab {
  readonly #weights = new Map<string, number>();

  private constructor(
    readonly model: CausalModel,
    readonly tokenizer: Tokenizer,
    readonly outline: ModelOutline,
    readonly manager: LoraManager,
  ) {}

  static async open(): Promise<Lab> {
    const [model, tokenizer, outline] = await Promise.all([
      loadModel(embeddedModel),
      loadTokenizer(embeddedModel),
      readOutline(embeddedModel),
    ]);
    return new Lab(model, tokenizer, outline, new LoraManager(model));
  }

  /** Last parts of the linear modules' paths. */
  get targets(): string[] {
    const linear = this.model.modules().filter(({ kind, path }) => kind === 'linear' && path !== 'lm_head');
    return [...new Set(linear.map(({ path }) => path.slice(path.lastIndexOf('.') + 1)))];
  }

  get weights(): Record<string, number> {
    return Object.fromEntries(this.#weights);
  }

  plan({ rank, targets }: Pick<RunSettings, 'rank' | 'targets'>) {
    const config = { rank, alpha: 2 * rank, targetModules: targets, taskType: 'CAUSAL_LM' as const };
    return planAdapter(config, this.model.modules());
  }

  cost(choice: Pick<RunSettings, 'rank' | 'targets'>): Cost {
    const plan = this.plan(choice);
    const { memory, flops, fileBytes } = estimate(this.outline, plan, shape);
    const { adapterParameters, baseParameters } = planCost(plan);
    return {
      parameters: adapterParameters,
      share: adapterParameters / baseParameters,
      ...{ memory: memory.total, fileBytes, flops: flops.step },
    };
  }

  /** A fresh adapter for a run, in the place of one of that name. */
  begin(name: string, settings: RunSettings): void {
    const plan = this.plan(settings);
    if (this.#weights.has(name)) this.manager.delete(name);
    this.manager.add(name, plan);
    this.weigh({ [name]: 1 });
  }

  /** Reads a PEFT folder whole before anything changes. */
  async add(name: string, files: Map<string, Uint8Array>): Promise<void> {
    this.manager.add(name, await readPeft(files));
    this.weigh({ [name]: 1 });
  }

  /** Weights of some adapters; 0 leaves one off. */
  weigh(weights: Record<string, number>): void {
    for (const [name, weight] of Object.entries(weights)) this.#weights.set(name, weight);
    const acting = [...this.#weights].filter(([, weight]) => weight !== 0);
    this.manager.activate(acting.length > 0 ? Object.fromEntries(acting) : undefined);
  }

  async write(prompt: string): Promise<{ text: string; tokensPerSecond: number }> {
    const start = performance.now();
    let [text, tokens] = ['', 0];
    for await (const piece of generate(this.model, this.tokenizer, { prompt, maxNewTokens: 40, temperature: 0 })) {
      text += piece;
      tokens++;
    }
    return { text, tokensPerSecond: (tokens / (performance.now() - start)) * 1000 };
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
        : { [`${name}.gguf`]: encodeGgufAdapter(adapter, await this.#gguf()) };
    return zipSync(files, { level: 0 }) as Uint8Array<ArrayBuffer>;
  }

  async #gguf() {
    const source = await embeddedModel.open('config.json');
    const bytes = await source!.read(0, source!.size);
    const config = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, number>;
    return {
      architecture: 'llama',
      heads: config['num_attention_heads']!,
      keyValueHeads: config['num_key_value_heads']!,
    };
  }
}
