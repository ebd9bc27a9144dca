/** How much a template may still do. */
export class Work {
  #left: number;

  /** @param overrun makes what is thrown once more than `room` is spent */
  constructor(
    room: number,
    private readonly overrun: () => Error,
  ) {
    this.#left = room;
  }

  get left(): number {
    return this.#left;
  }

  spend(amount: number): void {
    this.#left -= amount;
    if (!(this.#left >= 0)) throw this.overrun();
  }
}
