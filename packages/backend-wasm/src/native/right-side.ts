import type { Engine } from './engine.js';
import type { Matrices } from './products.js';

/** Columns of a panel; see native/pack.ts. */
export const panelColumns = 8;

/** Some columns of a product's right side, `inner` steps long, to be brought into panels from `address` on. */
export interface PanelJob {
  inner: number;
  left: number;
  columns: number;
  address: number;
}

/** A right side that has to be unpacked on its way into panels, such as a quantised weight. */
export interface Unpackable {
  /** Brings columns into panels. */
  unpack(engine: Engine, job: PanelJob): void;
}

/** Brings columns of dense matrices into panels, those of a batch behind each other. */
export function packDense(engine: Engine, b: Matrices, { inner, left, columns, address }: PanelJob, batch = 1): void {
  const panels = Math.ceil(columns / panelColumns);
  const { taskPanels, tasks } = panelTasks(engine, { panels, inner, batch });
  const strides = [4 * b.row, 4 * b.column, 4 * b.batch];
  const from = b.address + 4 * left * b.column;
  engine.run('pack', batch * tasks, [from, address, columns, inner, ...strides, taskPanels, tasks]);
}

/** How many panels a task takes, and how many tasks that makes a matrix. */
export function panelTasks(
  engine: Engine,
  { panels, inner, batch = 1 }: { panels: number; inner: number; batch?: number },
): { taskPanels: number; tasks: number } {
  const wanted = Math.min(panels, Math.ceil((4 * engine.threads) / batch), Math.ceil((panels * inner) / 2048));
  const taskPanels = Math.ceil(panels / wanted);
  return { taskPanels, tasks: Math.ceil(panels / taskPanels) };
}
