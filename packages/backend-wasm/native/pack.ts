import { TILE_COLUMNS } from './tile';

/** What a job that packs right sides reads, in the order in which src/native/products.ts writes it. Strides are in bytes. */
@unmanaged
class PackArgs {
  source: usize;
  target: usize;
  columns: i32;
  inner: i32;
  /** Of the source: from one step along `inner` to the next, and from a column to the next; one of them is 4. */
  step: usize;
  column: usize;
  /** Of the source: from a matrix of the batch to the next. */
  batch: usize;
  /** A task packs that many panels of one matrix; so many tasks pack all of it. */
  taskPanels: i32;
  tasksAMatrix: i32;
}

/** Bytes of one step along `inner` in a panel. */
export const STEP: usize = 32;

/**
 * Brings B into panels: eight columns each, their values of one step along `inner` together, zeros where columns end.
 * Matrices of the batch lie behind each other.
 */
export function pack(args: usize, task: i32): void {
  const job = changetype<PackArgs>(args);
  const panels = (job.columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
  const batch = task / job.tasksAMatrix;
  const first = (task % job.tasksAMatrix) * job.taskPanels * TILE_COLUMNS;
  const columns = min(job.columns - first, job.taskPanels * TILE_COLUMNS);
  const from = job.source + <usize>batch * job.batch + <usize>first * job.column;
  const to = job.target + <usize>(batch * panels + first / TILE_COLUMNS) * <usize>job.inner * STEP;
  packPanels(from, to, columns, job.inner, job.step, job.column);
}

/** Panels of one matrix, one after another, `inner` steps each. */
export function packPanels(from: usize, to: usize, columns: i32, inner: i32, step: usize, column: usize): void {
  for (; columns > 0; columns -= TILE_COLUMNS) {
    if (columns < TILE_COLUMNS) packPart(from, to, inner, step, column, columns);
    else if (column === 4) packRows(from, to, inner, step);
    else if (step === 4) packColumns(from, to, inner, column);
    else packPart(from, to, inner, step, column, TILE_COLUMNS);
    from += <usize>TILE_COLUMNS * column;
    to += <usize>inner * STEP;
  }
}

/** Eight columns of rows that lie behind each other. */
function packRows(from: usize, to: usize, inner: i32, step: usize): void {
  for (let k = 0; k < inner; k++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += step;
    to += STEP;
  }
}

/** Eight columns, each of which lies in one piece: transposed four by four. */
function packColumns(from: usize, to: usize, inner: i32, column: usize): void {
  const second = from + 4 * column;
  let k = 0;
  for (; k + 4 <= inner; k += 4) {
    const offset = (<usize>k) << 2;
    transpose(from + offset, column, to);
    transpose(second + offset, column, to + 16);
    to += 4 * STEP;
  }
  for (; k < inner; k++) {
    for (let index: usize = 0; index < 8; index++) {
      store<f32>(to + (index << 2), load<f32>(from + index * column + ((<usize>k) << 2)));
    }
    to += STEP;
  }
}

/** Four values of four columns, to four steps of a panel. */
export function transpose(from: usize, column: usize, to: usize): void {
  const a = v128.load(from);
  const b = v128.load((from += column));
  const c = v128.load((from += column));
  const d = v128.load(from + column);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abNext = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdNext = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), STEP);
  v128.store(to, v128.shuffle<f32>(abNext, cdNext, 0, 1, 4, 5), 2 * STEP);
  v128.store(to, v128.shuffle<f32>(abNext, cdNext, 2, 3, 6, 7), 3 * STEP);
}

function packPart(from: usize, to: usize, inner: i32, step: usize, column: usize, columns: i32): void {
  for (let k = 0; k < inner; k++) {
    for (let index = 0; index < TILE_COLUMNS; index++) {
      const value = index < columns ? load<f32>(from + <usize>index * column) : 0;
      store<f32>(to + ((<usize>index) << 2), value);
    }
    from += step;
    to += STEP;
  }
}
