import type { LoraManager } from '@lowrank/manager';
import { promptIds, type CausalModel, type ChatTemplate, type Tokenizer } from '@lowrank/models';
import type { AdapterFolder } from './adapter-folder.js';
import { Adapters, type Lease } from './adapters.js';
import { ApiError } from './api-error.js';
import { makeMetrics } from './metrics.js';
import type { SharedRequest } from './requests.js';
import { Scheduler } from './scheduler.js';
import { Sequence } from './sequence.js';

export interface EngineOptions {
  model: CausalModel;
  tokenizer: Tokenizer;
  manager: LoraManager;
  /** What requests call the base. */
  name: string;
  /** Without one, chats are refused. */
  template?: ChatTemplate | undefined;
  /** Where adapters are loaded from by name. */
  folder?: AdapterFolder | undefined;
  /** Most sequences in one forward pass. */
  maxBatch: number;
  /** Most requests that wait for a place in it. */
  maxQueue: number;
  /** Most tokens of one answer. */
  maxTokens: number;
  /** Most ms from a request to the end of its answer. */
  timeLimit: number;
}

/** What answers requests, apart from HTTP. */
export class Engine {
  readonly metrics = makeMetrics();
  readonly adapters: Adapters;
  readonly scheduler: Scheduler;
  readonly #ends: ReadonlySet<number>;
  #closing = false;

  constructor(readonly options: EngineOptions) {
    const { model, manager, tokenizer, maxBatch, maxQueue } = options;
    this.adapters = new Adapters(manager);
    this.scheduler = new Scheduler({ model, manager, metrics: this.metrics, maxBatch, maxQueue });
    this.#ends = new Set([
      ...model.config.eosTokenIds,
      ...(tokenizer.eosTokenId === undefined ? [] : [tokenizer.eosTokenId]),
    ]);
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Throws an `ApiError`, or what its prompt is refused with. */
  async begin(request: SharedRequest, prompt: string, defaultTokens: number): Promise<Sequence> {
    const { model, tokenizer, maxTokens, timeLimit } = this.options;
    this.#checkOpen();
    this.scheduler.checkRoom();
    const asked = request.max_tokens ?? Math.min(defaultTokens, maxTokens);
    if (asked > maxTokens) throw new ApiError(400, 'invalid_request', `max_tokens: ${asked} is above ${maxTokens}`);
    const ids = promptIds(model, tokenizer, prompt);
    const deadline = Date.now() + timeLimit;
    const lease = await this.#lease(request.model);
    try {
      this.#checkOpen();
      const sequence = new Sequence({
        prompt: ids,
        maxTokens: Math.min(asked, model.config.maxPositions - ids.length),
        seed: request.seed ?? Math.floor(Math.random() * 2 ** 31),
        stop: request.stop,
        temperature: request.temperature ?? 1,
        topP: request.top_p ?? 1,
        ends: this.#ends,
        deadline,
        lease,
        tokenizer,
      });
      this.scheduler.submit(sequence);
      return sequence;
    } catch (error) {
      lease[Symbol.dispose]();
      throw error;
    }
  }

  /** Offers an adapter of the folder by its name. Throws an `ApiError`. */
  async load(name: string): Promise<void> {
    const { folder } = this.options;
    if (!folder) throw new ApiError(400, 'invalid_request', 'this server was given no folder to load adapters from');
    await folder.check(name);
    if (name === this.options.name || this.adapters.has(name)) {
      throw new ApiError(400, 'adapter_exists', `"${name}" is served already`);
    }
    this.offer(name, folder);
  }

  /** Offers an adapter that was found in the folder, under a name that nothing has. */
  offer(name: string, folder: AdapterFolder): void {
    this.adapters.offer(name, () => folder.read(name));
  }

  /** Takes no more requests, and waits at most `limit` ms for those that run; then they fail. */
  async close(limit: number): Promise<void> {
    this.#closing = true;
    const over = setTimeout(() => this.scheduler.stop(closed()), limit);
    await this.scheduler.idle();
    clearTimeout(over);
  }

  async #lease(model: string): Promise<Lease> {
    if (model !== this.options.name) return await this.adapters.lease(model);
    return { inner: undefined, [Symbol.dispose]: () => {} };
  }

  #checkOpen(): void {
    if (this.#closing) throw closed();
  }
}

const closed = () => new ApiError(503, 'shutting_down', 'the server is shutting down');
