import { planAdapter, type Adapter, type LoraConfigInput } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { memory, tidy } from '@tensorflow/tfjs-core';
import { dice } from '../test/dice.js';
import { ModelManager } from '../test/model-manager.js';
import { managerOf, valuesOf } from '../test/set-up.js';
import { smallHost } from '../test/small-host.js';
import { base64, run64 } from '../test/small-host64.js';

/** The last cannot be merged: query and out have no bias that one on B could be merged into. */
const kinds: LoraConfigInput[] = [
  { rank: 2, alpha: 2, targetModules: ['query', 'value'] },
  { rank: 3, alpha: 1, useRslora: true, targetModules: ['query', 'out'] },
  { rank: 2, alpha: 1, useDora: true, targetModules: ['value', 'out'] },
  { rank: 1, alpha: 1, targetModules: ['value'], bias: 'lora_only' },
  { rank: 2, alpha: 2, targetModules: ['query'], loraBias: true },
];
const unmergeable = 4;
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Adapters of every kind, at its rank and at 1. */
async function poolOf(host: ReturnType<typeof smallHost>): Promise<Adapter[][]> {
  const configs = kinds.flatMap((kind, at) =>
    [`${at}/0`, `${at}/1`].map((name, low) => [name, low ? { ...kind, rank: 1 } : kind]),
  );
  using manager = managerOf(host, Object.fromEntries(configs));
  return Promise.all(kinds.map((_, at) => Promise.all([manager.adapter(`${at}/0`), manager.adapter(`${at}/1`)])));
}

class Play {
  readonly model = new ModelManager();
  readonly manager: LoraManager;
  readonly scopes: { scope: Disposable; frame: ModelManager['top'] }[] = [];
  readonly counts: Record<string, number> = {};

  constructor(
    readonly host: ReturnType<typeof smallHost>,
    readonly pool: Adapter[][],
    readonly roll: (below: number) => number,
  ) {
    this.manager = new LoraManager(host);
  }

  readonly operations: Record<string, () => Promise<void>> = {
    add: async () => {
      const { model, manager } = this;
      const [name, kind] = [this.name(), this.roll(kinds.length)];
      const source = this.roll(8) === 0 ? planAdapter(kinds[kind]!, this.host.modules()) : this.pool[kind]![0]!;
      const first = model.held.size === 0;
      await this.attempt(
        () => manager.add(name, source, { seed: this.roll(99) }),
        model.held.has(name) && 'adapter-exists',
        async () => {
          model.held.set(name, { adapter: await manager.adapter(name), kind, scale: 1 });
          if (first) this.set({ [name]: 1 });
        },
      );
    },
    delete: async () => {
      const name = this.name();
      await this.attempt(
        () => this.manager.delete(name),
        this.busy(name),
        () => this.model.delete(name),
      );
    },
    activate: async () => {
      const weights = this.weights();
      await this.attempt(
        () => this.manager.activate(weights),
        this.unknown(weights),
        () => this.set(weights),
      );
    },
    enter: async () => {
      if (this.scopes.length > 4) return;
      const weights = this.roll(3) === 0 ? {} : this.weights();
      const bare = Object.keys(weights).length === 0;
      const open = () => (bare ? this.manager.disabled() : this.manager.activated(weights));
      await this.attempt(open, this.unknown(weights), (scope) => {
        const frame = { active: weights, merged: false };
        this.scopes.push({ scope, frame });
        this.model.frames.push(frame);
      });
    },
    leave: async () => {
      const [gone] = this.scopes.splice(this.roll(this.scopes.length || 1), 1);
      gone?.scope[Symbol.dispose]();
      if (gone) this.model.frames.splice(this.model.frames.indexOf(gone.frame), 1);
    },
    merge: async () => {
      const { top, held } = this.model;
      const active = Object.keys(top.active);
      const cannot = !top.merged && active.some((name) => held.get(name)!.kind === unmergeable);
      await this.attempt(
        () => this.manager.merge(),
        cannot && 'config-unsupported',
        () => {
          top.merged = active.length > 0;
        },
      );
    },
    unmerge: async () => {
      this.manager.unmerge();
      this.model.top.merged = false;
    },
    scale: async () => {
      const [name, factor] = [this.name(), (this.roll(5) - 2) / 2];
      await this.attempt(
        () => this.manager.scale(name, factor),
        this.busy(name),
        () => {
          this.model.held.get(name)!.scale = factor;
        },
      );
    },
    swap: async () => {
      const name = this.name();
      const held = this.model.held.get(name);
      const wrong = this.roll(6) === 0;
      const adapter = this.pool[((held?.kind ?? 0) + (wrong ? 1 : 0)) % kinds.length]![this.roll(2)]!;
      const refusal = this.busy(name) || (wrong && 'adapter-mismatch');
      await this.attempt(
        () => this.manager.swap(name, adapter),
        refusal,
        () => Object.assign(held!, { adapter, scale: 1 }),
      );
    },
    read: async () => {
      const name = this.name();
      const held = this.model.held.get(name);
      await this.attempt(
        () => this.manager.adapter(name),
        !held && 'adapter-unknown',
        (adapter) => {
          expect(adapter).toEqual(held!.adapter);
        },
      );
    },
  };

  async step(): Promise<void> {
    const all = Object.keys(this.operations);
    const which = all[this.roll(all.length)]!;
    this.counts[which] = (this.counts[which] ?? 0) + 1;
    await this.operations[which]!();
  }

  check(): void {
    const { top, held } = this.model;
    const status = this.manager.status();
    expect(status.active).toEqual(top.active);
    expect(Object.keys(status.active)).toEqual(Object.keys(top.active).toSorted());
    expect(status.merged).toBe(top.merged);
    expect(status.adapters.map(({ name }) => name).toSorted()).toEqual([...held.keys()].toSorted());
  }

  private set(active: Record<string, number>): void {
    Object.assign(this.model.top, { active, merged: false });
  }

  private unknown(weights: Record<string, number>): Refusal {
    return !Object.keys(weights).every((name) => this.model.held.has(name)) && 'adapter-unknown';
  }

  private busy(name: string): Refusal {
    if (!this.model.held.has(name)) return 'adapter-unknown';
    return this.model.isMerged(name) && 'adapter-busy';
  }

  private name(): string {
    return names[this.roll(names.length)]!;
  }

  private weights(): Record<string, number> {
    const count = [0, 1, 1, 1, 2, 3][this.roll(6)]!;
    const held = [...this.model.held.keys()];
    const from = this.roll(10) === 0 || held.length === 0 ? names : held;
    return Object.fromEntries(
      Array.from({ length: count }, () => [from[this.roll(from.length)]!, this.roll(2) ? 1 : (this.roll(7) - 3) / 2]),
    );
  }

  /** Either it is refused for what the model says, and nothing changes, or the model follows. */
  private async attempt<Result>(
    act: () => Result,
    refusal: Refusal,
    follow: (result: Awaited<Result>) => unknown,
  ): Promise<void> {
    if (!refusal) return void (await follow(await act()));
    const before = [JSON.stringify(this.manager.status()), memory().numTensors];
    expect((await errorOf(act)).code).toBe(refusal);
    expect([JSON.stringify(this.manager.status()), memory().numTensors]).toEqual(before);
    this.counts['refused'] = (this.counts['refused'] ?? 0) + 1;
  }
}

/** The code that an operation must be refused with. */
type Refusal = string | false;

describe('10,000 operations in random order', () => {
  it.onEachBackend(
    'leave active what a plain model says, with its output in float64',
    async ({ tensors }) => {
      const host = smallHost(tensors);
      const base = base64(host);
      const x = tensors.randn([3, 5]);
      const frozen = valuesOf(host.run(x));
      const start = memory().numTensors;
      const roll = dice(2024);
      const play = new Play(host, await poolOf(host), roll);
      const { model, manager } = play;
      const close = {
        atol: 2e-4,
        because: 'up to three adapters of random weights and scales, in float32 through two layers',
      };
      for (let step = 1; step <= 10_000; step++) {
        await play.step();
        play.check();
        if (step % 10 === 0) {
          const output = valuesOf(host.run(x));
          if (model.acting().length === 0) expect(output).toEqual(frozen);
          else expectClose(output, run64(base, x.dataSync(), model.acting()), close);
        }
        if (step % 25 === 0) {
          const held = [undefined, ...model.held.keys()];
          const rows = [0, 1, 2].map(() => held[roll(held.length)]);
          const expected = rows.flatMap((name, row) => {
            const own = x.dataSync().slice(5 * row, 5 * row + 5);
            return [...run64(base, own, name === undefined ? [] : model.acting(name))];
          });
          expectClose(valuesOf(tidy(() => host.run(x, manager.forRows(rows)))), expected, close);
        }
      }
      manager.dispose();
      expect(valuesOf(host.run(x))).toEqual(frozen);
      expect(memory().numTensors).toBe(start);
      expect(Math.min(...Object.values(play.counts))).toBeGreaterThan(800);
    },
    120_000,
  );
});
