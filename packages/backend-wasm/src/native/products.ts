import type { Engine } from './engine.js';

/** Matrices on the heap; strides count float32 values. */
export interface Matrices {
  /** In bytes from the start of the heap. */
  address: number;
  /** From a row to the next. */
  row: number;
  /** From a column to the next. */
  column: number;
  /** From a matrix of the batch to the next; 0 where all share one. */
  batch: number;
}

export interface Products {
  /** `[rows, inner]` */
  a: Matrices;
  /** `[inner, columns]` */
  b: Matrices;
  /** `[rows, columns]`, to be written */
  c: Matrices;
  rows: number;
  inner: number;
  columns: number;
  /** How many matrices; 1 when left out. */
  batch?: number;
  /** Default 1. */
  alpha?: number;
  /** Address of `[columns]` values to add to every row; 0 or left out for none. */
  bias?: number;
  /** Adds the products to what `c` holds, in place of writing over it. */
  accumulate?: boolean;
}

/** Sizes of native/tile.ts, and how much of `inner` goes through the first-level cache in one piece. */
const [tileRows, tileColumns, longestPiece] = [6, 8, 384];

/** Most bytes that packed right sides take at a time. */
const mostPacked = 2 ** 22;

/** `C = alpha A B + bias`, or `C += alpha A B + bias`, for each matrix of a batch. No side may be empty. */
export function multiply(engine: Engine, products: Products): void {
  const given = turnsBetter(products) ? turned(products) : products;
  const { inner, columns, b, batch = 1 } = given;
  if (isDirect(given))
    return send(engine, given, { address: b.address, row: b.row, panel: tileColumns, batch: b.batch });

  const panels = Math.ceil(columns / tileColumns);
  const panel = inner * tileColumns;
  const most = Math.max(1, Math.floor(mostPacked / (4 * panel)));
  const shared = b.batch === 0;
  // As many whole matrices as fit, or panels of one where not even one does.
  const matrices = Math.max(1, shared ? 1 : Math.min(batch, Math.floor(most / panels)));
  const across = Math.min(panels, most);
  const address = engine.scratch(4 * panel * matrices * across);
  for (let first = 0; first < batch; first += shared ? batch : matrices) {
    const count = shared ? batch : Math.min(matrices, batch - first);
    for (let left = 0; left < columns; left += across * tileColumns) {
      const part = partOf(given, { first, count, left, columns: Math.min(across * tileColumns, columns - left) });
      pack(engine, part.b, { inner, columns: part.columns, batch: shared ? 1 : count, address });
      const packed = {
        address,
        row: tileColumns,
        panel,
        batch: shared ? 0 : panel * Math.ceil(part.columns / tileColumns),
      };
      send(engine, part, packed);
    }
  }
}

/** Few rows make poor tiles: the sides change places where the right one need not be packed for it. */
function turnsBetter({ rows, columns, a, b, bias }: Products): boolean {
  if (bias || rows > tileColumns || columns <= tileColumns) return false;
  return b.row === 1 || (rows > tileRows && a.row === 1);
}

/** `Cᵀ = Bᵀ Aᵀ`, on the same memory. */
function turned({ a, b, c, rows, columns, ...rest }: Products): Products {
  const turn = (matrix: Matrices) => ({ ...matrix, row: matrix.column, column: matrix.row });
  return { ...rest, a: turn(b), b: turn(a), c: turn(c), rows: columns, columns: rows };
}

/** Whether eight columns lie together already and are not met often enough to be worth a copy. */
function isDirect({ rows, columns, b }: Products): boolean {
  if (b.column !== 1 || columns % tileColumns !== 0) return false;
  return b.row === tileColumns || rows <= 2 * tileRows;
}

interface Part {
  first: number;
  count: number;
  left: number;
  columns: number;
}

function partOf(products: Products, { first, count, left, columns }: Part): Products {
  const { a, b, c, bias } = products;
  const from = (matrix: Matrices, column: number) => ({
    ...matrix,
    address: matrix.address + 4 * (first * matrix.batch + column * matrix.column),
  });
  const parts = { a: from(a, 0), b: from(b, left), c: from(c, left), columns, batch: count };
  return { ...products, ...parts, bias: bias ? bias + 4 * left : 0 };
}

function pack(
  engine: Engine,
  b: Matrices,
  to: { inner: number; columns: number; batch: number; address: number },
): void {
  const { inner, columns, batch, address } = to;
  const panels = Math.ceil(columns / tileColumns);
  const tasks = Math.min(panels, Math.ceil((4 * engine.threads) / batch), Math.ceil((panels * inner) / 2048));
  const taskPanels = Math.ceil(panels / tasks);
  const tasksAMatrix = Math.ceil(panels / taskPanels);
  const strides = [4 * b.row, 4 * b.column, 4 * b.batch];
  engine.run('pack', batch * tasksAMatrix, [b.address, address, columns, inner, ...strides, taskPanels, tasksAMatrix]);
}

function send(
  engine: Engine,
  products: Products,
  right: { address: number; row: number; panel: number; batch: number },
): void {
  const { a, c, rows, inner, columns, batch = 1, alpha = 1, bias = 0, accumulate = false } = products;
  const panels = Math.ceil(columns / tileColumns);
  const pieces = Math.ceil(inner / longestPiece);
  const { taskRows, taskPanels } = taskSize(engine.threads, { rows, inner, panels, batch });
  const down = Math.ceil(rows / taskRows);
  const across = Math.ceil(panels / taskPanels);
  engine.run('multiply', batch * down * across, [
    a.address,
    right.address,
    c.address,
    bias,
    rows,
    columns,
    inner,
    Math.ceil(inner / pieces),
    4 * a.row,
    4 * a.column,
    4 * right.row,
    4 * right.panel,
    4 * c.row,
    4 * c.column,
    4 * a.batch,
    4 * right.batch,
    4 * c.batch,
    floatBits(alpha),
    Number(accumulate),
    taskRows,
    taskPanels,
    down,
    across,
  ]);
}

/** Tasks small enough to keep every thread busy to the end, large enough to be worth taking: about 20 microseconds. */
function taskSize(threads: number, of: { rows: number; inner: number; panels: number; batch: number }) {
  const { rows, inner, panels, batch } = of;
  const worth = 500_000;
  const wanted =
    threads === 1 ? 1 : Math.min(8 * threads, Math.ceil((rows * inner * panels * tileColumns * batch) / worth));
  const down = Math.max(Math.ceil(rows / 96), Math.min(Math.ceil(wanted / batch), Math.ceil(rows / tileRows)));
  const taskRows = Math.ceil(rows / down / tileRows) * tileRows;
  const across = Math.min(panels, Math.max(1, Math.ceil(wanted / batch / Math.ceil(rows / taskRows))));
  return { taskRows, taskPanels: Math.ceil(panels / across) };
}

function floatBits(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] as number;
}
