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

  readonly operations: Record<string, () => unknown> = {
    add: async () => {
      const [name, kind] = [names[this.roll(names.length)]!, this.roll(kinds.length)];
      const fresh = this.roll(8) === 0;
      const source = fresh ? planAdapter(kinds[kind]!, this.host.modules()) : this.pool[kind]![0]!;
      if (this.model.held.has(name)) return this.refused(() => this.manager.add(name, source), 'adapter-exists');
      const first = this.model.held.size === 0;
      this.manager.add(name, source, { seed: this.roll(99) });
      this.model.held.set(name, { adapter: await this.manager.adapter(name), kind, scale: 1 });
      if (first) this.set({ [name]: 1 });
    },
    delete: () => {
      const name = this.name();
      if (!this.model.held.has(name)) return this.refused(() => this.manager.delete(name), 'adapter-unknown');
      if (this.model.isMerged(name)) return this.refused(() => this.manager.delete(name), 'adapter-busy');
      this.manager.delete(name);
      this.model.delete(name);
    },
    activate: () => {
      const weights = this.weights();
      if (!this.known(weights)) return this.refused(() => this.manager.activate(weights), 'adapter-unknown');
      this.manager.activate(weights);
      this.set(weights);
    },
    enter: () => {
      const weights = this.roll(3) === 0 ? {} : this.weights();
      const open = () =>
        Object.keys(weights).length === 0 ? this.manager.disabled() : this.manager.activated(weights);
      if (!this.known(weights)) return this.refused(open, 'adapter-unknown');
      if (this.scopes.length > 4) return undefined;
      const frame = { active: weights, merged: false };
      this.scopes.push({ scope: open(), frame });
      this.model.frames.push(frame);
    },
    leave: () => {
      const [gone] = this.scopes.splice(this.roll(this.scopes.length || 1), 1);
      gone?.scope[Symbol.dispose]();
      if (gone) this.model.frames.splice(this.model.frames.indexOf(gone.frame), 1);
    },
    merge: async () => {
      const { top, held } = this.model;
      const active = Object.keys(top.active);
      const cannot = !top.merged && active.some((name) => held.get(name)!.kind === unmergeable);
      if (cannot) return this.refused(() => this.manager.merge(), 'config-unsupported');
      await this.manager.merge();
      top.merged = active.length > 0;
    },
    unmerge: () => {
      this.manager.unmerge();
      this.model.top.merged = false;
    },
    scale: () => {
      const [name, factor] = [this.name(), (this.roll(5) - 2) / 2];
      const held = this.model.held.get(name);
      if (!held) return this.refused(() => this.manager.scale(name, factor), 'adapter-unknown');
      if (this.model.isMerged(name)) return this.refused(() => this.manager.scale(name, factor), 'adapter-busy');
      this.manager.scale(name, factor);
      held.scale = factor;
    },
    swap: () => {
      const name = this.name();
      const held = this.model.held.get(name);
      const wrong = this.roll(6) === 0;
      const kind = ((held?.kind ?? 0) + (wrong ? 1 : 0)) % kinds.length;
      const adapter = this.pool[kind]![this.roll(2)]!;
      const swap = () => this.manager.swap(name, adapter);
      if (!held) return this.refused(swap, 'adapter-unknown');
      if (this.model.isMerged(name)) return this.refused(swap, 'adapter-busy');
      if (wrong) return this.refused(swap, 'adapter-mismatch');
      swap();
      Object.assign(held, { adapter, scale: 1 });
    },
    read: async () => {
      const name = this.name();
      const held = this.model.held.get(name);
      if (!held) return this.refused(() => this.manager.adapter(name), 'adapter-unknown');
      expect(await this.manager.adapter(name)).toEqual(held.adapter);
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

  private known(weights: Record<string, number>): boolean {
    return Object.keys(weights).every((name) => this.model.held.has(name));
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

  private async refused(act: () => unknown, code: string): Promise<void> {
    const before = [JSON.stringify(this.manager.status()), memory().numTensors];
    expect((await errorOf(act)).code).toBe(code);
    expect([JSON.stringify(this.manager.status()), memory().numTensors]).toEqual(before);
    this.counts['refused'] = (this.counts['refused'] ?? 0) + 1;
  }
}

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
