/** Lets text through up to the first of the stop sequences, and holds back what may become one. */
export class StopFilter {
  #held = '';
  #stopped = false;

  constructor(private readonly stops: readonly string[]) {}

  get stopped(): boolean {
    return this.#stopped;
  }

  /** What of the text so far is sure, and was not given yet. */
  push(piece: string): string {
    if (this.#stopped) return '';
    this.#held += piece;
    const places = this.stops.map((stop) => this.#held.indexOf(stop)).filter((place) => place >= 0);
    this.#stopped = places.length > 0;
    return this.#take(this.#stopped ? Math.min(...places) : this.#held.length - this.#open());
  }

  /** What was held back, where no more text comes. */
  end(): string {
    return this.#stopped ? '' : this.#take(this.#held.length);
  }

  /** The length of the longest end of the held text that begins a stop sequence. */
  #open(): number {
    const longest = Math.max(0, ...this.stops.map((stop) => stop.length - 1));
    for (let length = Math.min(longest, this.#held.length); length > 0; length--) {
      const end = this.#held.slice(-length);
      if (this.stops.some((stop) => stop.startsWith(end))) return length;
    }
    return 0;
  }

  #take(length: number): string {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    return text;
  }
}
