import { LowrankError, type Parameter } from '@lowrank/core';
import { cast, clone, max, notEqual, stack, tidy, type Tensor } from '@tensorflow/tfjs-core';
import type { StepGradients } from './step.js';

/** By this update every B must have moved. Every update's rate is above 0, in warm-up too, so a few are enough. */
const movedBy = 5;

/**
 * Looks that a run really trains what it was given, since training that silently does nothing looks like training.
 * Holds copies of each B until it has seen them move.
 */
export class Watch {
  #started = false;
  #startOfB: Tensor[];

  /** @param from updates done before; B's move is looked for only where its start is still to be had. */
  constructor(
    private readonly parameters: Parameter[],
    private readonly steps: number,
    from: number,
  ) {
    this.#startOfB = from < Math.min(movedBy, steps) ? this.#factorsB.map(({ variable }) => clone(variable)) : [];
  }

  /** Before an update. Throws `not-training` or `not-finite`, naming layers; the parameters are as they were. */
  checkGradients(step: number, { loss, gradients, squares }: Omit<StepGradients, 'targets'>): void {
    // `bias: all` takes along what a loss may not use, such as the bias of a pooler.
    const unreached = this.parameters.filter(({ name, role }) => role !== 'bias' && !(name in gradients));
    if (unreached.length > 0) {
      throw notTraining(`${this.#layers(unreached)} without a gradient at step ${step}`, {
        rule: 'the loss must depend on every trained factor',
        fix: 'check that the adapter is active, enabled and not merged, and that the loss runs the model it is on',
      });
    }
    const broken = this.parameters.filter(({ name }) => !Number.isFinite(squares.get(name) ?? 0));
    if (!Number.isFinite(loss) || broken.length > 0) {
      const where = broken.length > 0 ? `; gradients not finite in ${this.#layers(broken)}` : '';
      throw new LowrankError('not-finite', {
        given: `loss ${loss} at step ${step}${where}`,
        rule: 'loss and gradients must be finite; this step changed nothing',
        fix: "lower the learning rate or the adapter's alpha, or look at this step's data",
      });
    }
    if (!this.#started) this.#checkNonzero(step, squares);
    this.#started = true;
  }

  /** After an update. Throws `not-training` when some B is still where it started after a few. */
  async checkMoved(step: number): Promise<void> {
    if (this.#startOfB.length === 0 || step < Math.min(movedBy, this.steps)) return;
    const factors = this.#factorsB;
    const reading = tidy(() =>
      stack(
        factors.map(({ variable }, index) => max(cast(notEqual(variable, this.#startOfB[index] as Tensor), 'float32'))),
      ),
    );
    this.dispose();
    const moved = await reading.data();
    reading.dispose();
    const still = factors.filter((_, index) => moved[index] === 0);
    if (still.length === 0) return;
    throw notTraining(`${this.#layers(still)} where B has not moved in ${step} updates`, {
      rule: 'every B must leave its start',
      fix: 'raise the learning rate, and assign to the factors nowhere else',
    });
  }

  dispose(): void {
    for (const start of this.#startOfB) start.dispose();
    this.#startOfB = [];
  }

  /**
   * With B = 0, A's gradient is exactly 0 at first: one factor with a gradient is enough. What is trained besides
   * factors may have none: the row of a token that is not in the batch, a bias that softmax takes no notice of.
   */
  #checkNonzero(step: number, squares: Map<string, number>): void {
    const factors = this.parameters.filter(({ role }) => role === 'lora_A' || role === 'lora_B');
    const alive = new Set(factors.filter(({ name }) => squares.get(name) !== 0).map(({ path }) => path));
    const dead = factors.filter(({ path }) => !alive.has(path));
    if (dead.length === 0) return;
    throw notTraining(`${this.#layers(dead)} with a gradient of 0 at step ${step}`, {
      rule: 'A or B of every adapter must have a gradient',
      fix: "check that the layers' output reaches the loss, and that A and B are not both 0",
    });
  }

  get #factorsB(): Parameter[] {
    return this.parameters.filter(({ role }) => role === 'lora_B');
  }

  /** E.g. `3 of 24 layers (a, b and 1 more)`. */
  #layers(parameters: Parameter[]): string {
    const paths = [...new Set(parameters.map(({ path }) => path))];
    const all = new Set(this.parameters.map(({ path }) => path)).size;
    const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
    return `${paths.length} of ${all} layers (${paths.slice(0, 3).join(', ')}${more})`;
  }
}

function notTraining(given: string, { rule, fix }: { rule: string; fix: string }): LowrankError {
  return new LowrankError('not-training', { given, rule, fix });
}
