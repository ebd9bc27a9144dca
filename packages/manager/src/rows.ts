import { LowrankError, type AdaptedModule, type BatchRows } from '@lowrank/core';
import type { Slot } from './slots.js';

/** The rows of a batch that pass through one adapter, or through the base alone. */
export interface RowGroup {
  name?: string | undefined;
  slot?: Slot | undefined;
  /** Their indices, ascending. */
  rows: number[];
}

/** Rows and the module that they pass through at some place; none for those of the base. */
export interface RowPart {
  rows: number[];
  module?: AdaptedModule | undefined;
}

/** The adapter of each row of a batch, grouped. It holds on to adapters, not to their names. */
export class Rows implements BatchRows {
  /** @param owner the manager's own sites  @param groups which have every row once */
  constructor(
    readonly owner: object,
    private readonly groups: RowGroup[],
  ) {}

  get count(): number {
    return this.groups.reduce((sum, { rows }) => sum + rows.length, 0);
  }

  /**
   * What the rows pass through at `path`: those without a module there are one part, and come first.
   * Throws `adapter-unknown` where an adapter has been deleted or let go since.
   */
  at(path: string): RowPart[] {
    const bare: number[] = [];
    const parts: RowPart[] = [];
    for (const { name, slot, rows } of this.groups) {
      if (slot && !slot.live) throw letGo(name as string);
      const module = slot?.modules.get(path);
      if (module) parts.push({ rows, module });
      else bare.push(...rows);
    }
    return bare.length > 0 ? [{ rows: bare }, ...parts] : parts;
  }
}

/** Groups the rows of a batch by adapter. */
export function groupRows(names: readonly (string | undefined)[], slotOf: (name: string) => Slot): RowGroup[] {
  const groups = new Map<string | undefined, RowGroup>();
  names.forEach((name, row) => {
    const group = groups.get(name) ?? { name, slot: name === undefined ? undefined : slotOf(name), rows: [] };
    group.rows.push(row);
    groups.set(name, group);
  });
  return [...groups.values()];
}

function letGo(name: string): LowrankError {
  return new LowrankError('adapter-unknown', {
    given: `rows of adapter "${name}"`,
    rule: 'it has been deleted or let go since forRows',
    fix: 'call forRows again, or hold it with ready()',
  });
}
