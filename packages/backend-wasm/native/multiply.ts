import { finish } from './finish';
import { MultiplyArgs } from './multiply-args';
import { strip, STRIP_COLUMNS } from './strip';
import { TILE_COLUMNS, TILE_ROWS, tileOf } from './tile';

/** One task of a job of products: `taskRows` rows by `taskPanels` panels of one matrix of the batch. `own` is the thread's memory. */
export function multiply(args: usize, task: i32, own: usize): void {
  const job = changetype<MultiplyArgs>(args);
  const tasksAMatrix = job.tasksDown * job.tasksAcross;
  const batch = task / tasksAMatrix;
  const within = task % tasksAMatrix;
  const top = (within / job.tasksAcross) * job.taskRows;
  const bottom = min(top + job.taskRows, job.rows);
  const left = (within % job.tasksAcross) * job.taskPanels * TILE_COLUMNS;
  const right = min(left + job.taskPanels * TILE_COLUMNS, job.columns);
  for (let from = 0; from < job.inner; from += job.piece) {
    piece(job, own, batch, top, bottom, left, right, from, min(job.piece, job.inner - from));
  }
}

/** The products of one piece of `inner`: eight columns of B stay in the first-level cache while rows of A pass by. */
function piece(
  job: MultiplyArgs,
  own: usize,
  batch: usize,
  top: i32,
  bottom: i32,
  left: i32,
  right: i32,
  from: usize,
  inner: i32,
): void {
  const a = job.a + batch * job.aBatch + from * job.aStep;
  const b = job.b + batch * job.bBatch + from * job.bStep;
  const c = job.c + batch * job.cBatch;
  const accumulate = <i32>(job.accumulate !== 0 || from !== 0);
  const bias = from === 0 ? job.bias : 0;
  let column = left;
  if (bottom - top === 1 && job.bPanel === 32) {
    for (; column + STRIP_COLUMNS <= right; column += STRIP_COLUMNS) {
      strip(a + <usize>top * job.aRow, job.aStep, b + ((<usize>column) << 2), job.bStep, inner, own);
      for (let part = 0; part < STRIP_COLUMNS; part += TILE_COLUMNS) {
        const at = <usize>(column + part);
        const target = c + <usize>top * job.cRow + at * job.cColumn;
        finish(job, own + ((<usize>part) << 2), 1, TILE_COLUMNS, target, bias ? bias + (at << 2) : 0, accumulate);
      }
    }
  }
  for (; column < right; column += TILE_COLUMNS) {
    const panel = b + (<usize>column / TILE_COLUMNS) * job.bPanel;
    const target = c + <usize>column * job.cColumn;
    const columns = min(right - column, TILE_COLUMNS);
    const biasHere = bias ? bias + ((<usize>column) << 2) : 0;
    for (let row = top; row < bottom; row += TILE_ROWS) {
      const rows = min(bottom - row, TILE_ROWS);
      tileOf(rows, a + <usize>row * job.aRow, job.aRow, job.aStep, panel, job.bStep, inner, own);
      finish(job, own, rows, columns, target + <usize>row * job.cRow, biasHere, accumulate);
    }
  }
}
