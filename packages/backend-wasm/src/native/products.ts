import type { Engine } from './engine.js';
import { floatBits } from './float-bits.js';
import { packDense, panelColumns, type Unpackable } from './right-side.js';

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
  b: Matrices | Unpackable;
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
  /** A second product that is added on the way; not with a batch. */
  extra?: ExtraProduct | undefined;
}

interface ExtraProduct {
  /** `[rows, inner]`, whose columns lie together. */
  a: Matrices;
  /** `[inner, columns]` */
  b: Matrices;
  inner: number;
}

/** Rows of native/tile.ts, and how much of `inner` goes through the first-level cache in one piece. */
const [tileRows, longestPiece] = [6, 384];

/** Most bytes that packed right sides take at a time. */
const mostPacked = 2 ** 22;

/** `C = alpha (A B + extra) + bias`, or `C += ...`, for each matrix of a batch. No side may be empty. */
export function multiply(engine: Engine, products: Products): void {
  const given = turnsBetter(products) ? turned(products) : products;
  const { inner, columns, b, batch = 1, extra } = given;
  const direct = directRight(given);
  if (direct) return send(engine, given, { ...direct, panel: panelColumns }, 0);

  const panels = Math.ceil(columns / panelColumns);
  const panel = inner * panelColumns;
  const most = Math.max(1, Math.floor(mostPacked / (4 * panel)));
  const stride = 'unpack' in b ? 0 : b.batch;
  const shared = stride === 0;
  // As many whole matrices as fit, or panels of one where not even one does.
  const matrices = Math.max(1, shared ? 1 : Math.min(batch, Math.floor(most / panels)));
  const across = Math.min(panels, most);
  const packedBytes = 4 * panel * matrices * across;
  const address = engine.scratch(packedBytes + (extra ? 4 * extra.inner * panelColumns * across : 0));
  for (let first = 0; first < batch; first += shared ? batch : matrices) {
    const count = shared ? batch : Math.min(matrices, batch - first);
    for (let left = 0; left < columns; left += across * panelColumns) {
      const width = Math.min(across * panelColumns, columns - left);
      const job = { inner, left, columns: width, address };
      if ('unpack' in b) b.unpack(engine, job);
      else packDense(engine, { ...b, address: b.address + 4 * first * stride }, job, shared ? 1 : count);
      if (extra) packDense(engine, extra.b, { ...job, inner: extra.inner, address: address + packedBytes });
      const part = partOf(given, { first, count, left, columns: width });
      const batchStride = shared ? 0 : panel * Math.ceil(width / panelColumns);
      const right = { address, row: panelColumns, panel, batch: batchStride };
      send(engine, part, right, address + packedBytes);
    }
  }
}

/** Few rows make poor tiles: the sides change places where the right one need not be packed for it. */
function turnsBetter({ rows, columns, a, b, bias, extra }: Products): boolean {
  if (bias || extra || 'unpack' in b || rows > panelColumns || columns <= panelColumns) return false;
  return b.row === 1 || (rows > tileRows && a.row === 1);
}

/** `Cᵀ = Bᵀ Aᵀ`, on the same memory. */
function turned({ a, b, c, rows, columns, ...rest }: Products): Products {
  const turn = (matrix: Matrices) => ({ ...matrix, row: matrix.column, column: matrix.row });
  return { ...rest, a: turn(b as Matrices), b: turn(a), c: turn(c), rows: columns, columns: rows };
}

/** The right side where eight of its columns lie together already and are not met often enough to be worth a copy. */
function directRight({ rows, columns, b, extra }: Products): Matrices | undefined {
  if (extra || 'unpack' in b || b.column !== 1 || columns % panelColumns !== 0) return undefined;
  return b.row === panelColumns || rows <= 2 * tileRows ? b : undefined;
}

interface Part {
  first: number;
  count: number;
  left: number;
  columns: number;
}

function partOf(products: Products, { first, count, left, columns }: Part): Products {
  const { a, c, bias } = products;
  const from = (matrix: Matrices, column: number) => ({
    ...matrix,
    address: matrix.address + 4 * (first * matrix.batch + column * matrix.column),
  });
  const parts = { a: from(a, 0), c: from(c, left), columns, batch: count };
  return { ...products, ...parts, bias: bias ? bias + 4 * left : 0 };
}

function send(
  engine: Engine,
  products: Products,
  right: { address: number; row: number; panel: number; batch: number },
  extraRight: number,
): void {
  const { a, c, rows, inner, columns, batch = 1, alpha = 1, bias = 0, accumulate = false, extra } = products;
  const panels = Math.ceil(columns / panelColumns);
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
    ...(extra ? [extra.a.address, extraRight, 4 * extra.a.row, extra.inner] : [0, 0, 0, 0]),
  ]);
}

/** Tasks small enough to keep every thread busy to the end, large enough to be worth taking: about 20 microseconds. */
function taskSize(threads: number, of: { rows: number; inner: number; panels: number; batch: number }) {
  const { rows, inner, panels, batch } = of;
  const worth = 500_000;
  const wanted =
    threads === 1 ? 1 : Math.min(8 * threads, Math.ceil((rows * inner * panels * panelColumns * batch) / worth));
  const down = Math.max(Math.ceil(rows / 96), Math.min(Math.ceil(wanted / batch), Math.ceil(rows / tileRows)));
  const taskRows = Math.ceil(rows / down / tileRows) * tileRows;
  const across = Math.min(panels, Math.max(1, Math.ceil(wanted / batch / Math.ceil(rows / taskRows))));
  return { taskRows, taskPanels: Math.ceil(panels / across) };
}
