import { finish } from './finish';
import { MultiplyArgs } from './multiply-args';
import { strip, STRIP_COLUMNS } from './strip';
import { TILE_COLUMNS, TILE_ROWS, tileOf } from './tile';

/** One task of a job of products: `taskRows` rows by `taskPanels` panels of one matrix of the batch. `own` is the thread's memory. */
export function multiply(args: usize, task: i32, own: usize): void {
  const job = changetype<MultiplyArgs>(args);
  const tasksAMatrix = job.tasksDown * job.tasksAcross;
  const batch = <usize>(task / tasksAMatrix);
  const within = task % tasksAMatrix;
  const top = (within / job.tasksAcross) * job.taskRows;
  const bottom = min(top + job.taskRows, job.rows);
  const left = (within % job.tasksAcross) * job.taskPanels * TILE_COLUMNS;
  const right = min(left + job.taskPanels * TILE_COLUMNS, job.columns);
  const a = job.a + batch * job.aBatch;
  const b = job.b + batch * job.bBatch;
  const c = job.c + batch * job.cBatch;
  for (let from = 0; from < job.inner; from += job.piece) {
    const steps = min(job.piece, job.inner - from);
    const accumulate = <i32>(job.accumulate !== 0 || from !== 0);
    const bias = from === 0 ? job.bias : 0;
    const aHere = a + <usize>from * job.aStep;
    const bHere = b + <usize>from * job.bStep;
    if (bottom - top === 1 && job.bPanel === 32) {
      row(job, own, top, left, right, aHere, bHere, c, steps, bias, accumulate);
    } else {
      piece(
        job,
        own,
        top,
        bottom,
        left,
        right,
        aHere,
        job.aRow,
        job.aStep,
        bHere,
        job.bStep,
        job.bPanel,
        c,
        steps,
        bias,
        accumulate,
      );
    }
  }
  if (job.inner2 === 0) return;
  piece(
    job,
    own,
    top,
    bottom,
    left,
    right,
    job.a2,
    job.a2Row,
    4,
    job.b2,
    32,
    (<usize>job.inner2) << 5,
    c,
    job.inner2,
    0,
    1,
  );
}

/** The products of one piece of `inner`: eight columns of B stay in the first-level cache while rows of A pass by. */
function piece(
  job: MultiplyArgs,
  own: usize,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  bPanel: usize,
  c: usize,
  inner: i32,
  bias: usize,
  accumulate: i32,
): void {
  for (let column = left; column < right; column += TILE_COLUMNS) {
    const panel = b + (<usize>column / TILE_COLUMNS) * bPanel;
    const target = c + <usize>column * job.cColumn;
    const columns = min(right - column, TILE_COLUMNS);
    const biasHere = bias ? bias + ((<usize>column) << 2) : 0;
    for (let row = top; row < bottom; row += TILE_ROWS) {
      const rows = min(bottom - row, TILE_ROWS);
      tileOf(rows, a + <usize>row * aRow, aRow, aStep, panel, bStep, inner, own);
      finish(job, own, rows, columns, target + <usize>row * job.cRow, biasHere, accumulate);
    }
  }
}

/** The same for a single row, whose columns lie together in B as in a plain matrix. */
function row(
  job: MultiplyArgs,
  own: usize,
  top: i32,
  left: i32,
  right: i32,
  a: usize,
  b: usize,
  c: usize,
  inner: i32,
  bias: usize,
  accumulate: i32,
): void {
  let column = left;
  for (; column + STRIP_COLUMNS <= right; column += STRIP_COLUMNS) {
    strip(a + <usize>top * job.aRow, job.aStep, b + ((<usize>column) << 2), job.bStep, inner, own);
    for (let part = 0; part < STRIP_COLUMNS; part += TILE_COLUMNS) {
      const at = <usize>(column + part);
      const target = c + <usize>top * job.cRow + at * job.cColumn;
      finish(job, own + ((<usize>part) << 2), 1, TILE_COLUMNS, target, bias ? bias + (at << 2) : 0, accumulate);
    }
  }
  piece(
    job,
    own,
    top,
    top + 1,
    column,
    right,
    a,
    job.aRow,
    job.aStep,
    b,
    job.bStep,
    job.bPanel,
    c,
    inner,
    bias,
    accumulate,
  );
}
