import { KvCache, sample, TextStream, type SampleOptions, type Tokenizer } from '@lowrank/models';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Lease } from './adapters.js';
import { ApiError } from './api-error.js';
import { StopFilter } from './stop-filter.js';

/** Why a text ended: it came to an end, or to a limit of tokens, positions or time. */
export type FinishReason = 'stop' | 'length';

export interface SequenceOptions extends SampleOptions {
  prompt: number[];
  maxTokens: number;
  seed: number;
  stop: string[];
  /** Ids that end a text. */
  ends: ReadonlySet<number>;
  /** In ms since the epoch; then the text ends where it is. */
  deadline: number;
  lease: Lease;
  tokenizer: Tokenizer;
}

/** One text that is being written. It owns its cache and its lease, and frees both when it ends. */
export class Sequence {
  readonly cache = new KvCache();
  /** The ids that the next pass reads: the prompt, then the newest. */
  next: number[];
  made = 0;
  finish: FinishReason | undefined;
  /** Pieces of text, as they come; fails where the request does. */
  readonly pieces: ReadableStream<string>;
  #out!: ReadableStreamDefaultController<string>;
  #ended = false;
  readonly #text: TextStream;
  readonly #stops: StopFilter;
  readonly #random: () => number;

  constructor(readonly options: SequenceOptions) {
    this.next = options.prompt;
    this.#text = new TextStream(options.tokenizer, options.prompt);
    this.#stops = new StopFilter(options.stop);
    const generator = xoroshiro128plus(options.seed | 0);
    this.#random = () => uniformFloat64(generator);
    this.pieces = new ReadableStream({
      start: (controller) => void (this.#out = controller),
      cancel: () => this.cancel(),
    });
  }

  get adapter(): string | undefined {
    return this.options.lease.inner;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Draws the next token. @param logits `[vocab]` */
  take(logits: Float32Array): void {
    const { maxTokens, ends } = this.options;
    const id = sample(logits, this.options, this.#random);
    if (ends.has(id)) return this.end('stop');
    this.made++;
    this.next = [id];
    this.#write(this.#stops.push(this.#text.push(id)));
    if (this.#stops.stopped) this.end('stop');
    else if (this.made >= maxTokens) this.end('length');
  }

  /** Ends one whose time is up; one that never began fails. */
  checkTime(now: number): void {
    if (this.#ended || now < this.options.deadline) return;
    if (this.made > 0) this.end('length');
    else this.fail(new ApiError(503, 'timeout', "the request's time ended before its first token"));
  }

  end(reason: FinishReason): void {
    if (this.#ended) return;
    this.#write(this.#stops.push(this.#text.end()));
    this.#write(this.#stops.end());
    this.finish = reason;
    this.#free();
    this.#out.close();
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#free();
    this.#out.error(error);
  }

  /** Nobody reads it any more. */
  cancel(): void {
    this.#free();
  }

  #write(text: string): void {
    if (text !== '') this.#out.enqueue(text);
  }

  #free(): void {
    if (this.#ended) return;
    this.#ended = true;
    // A pass that is under way reads the cache; the scheduler frees it after that.
    this.options.lease[Symbol.dispose]();
  }
}
