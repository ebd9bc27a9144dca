import { STEP, transpose } from './pack';
import { TILE_COLUMNS } from './tile';
import { byteOf, eightValues } from './codes';

/** What a job that unpacks a quantised weight into panels reads, in the order in which src/native/packed.ts writes it. */
@unmanaged
class UnpackArgs {
  codes: usize;
  scales: usize;
  target: usize;
  /** Columns of the product's right side, its steps along `inner`, and the first column's place in the weight. */
  columns: i32;
  inner: i32;
  first: i32;
  /** 0: a column is an output, whose weights lie in one stored row. 1: a column is an input, and a step a stored row. */
  across: i32;
  /** Of stored rows, in bytes, and how many values share a scale. */
  codesRow: usize;
  scalesRow: usize;
  block: i32;
  taskPanels: i32;
  /** See codes.ts. After these words come, for codes of 4 bits, its planes. */
  form: i32;
}

/** Brings panels of a weight that lies in quantised blocks by outputs into the form of pack.ts. */
export function unpack(args: usize, task: i32, own: usize): void {
  const job = changetype<UnpackArgs>(args);
  const first = task * job.taskPanels * TILE_COLUMNS;
  const last = min(job.columns, first + job.taskPanels * TILE_COLUMNS);
  for (let column = first; column < last; column += TILE_COLUMNS) {
    const to = job.target + (<usize>column / TILE_COLUMNS) * <usize>job.inner * STEP;
    const columns = min(TILE_COLUMNS, last - column);
    if (job.across) inputs(job, job.first + column, to);
    else outputs(job, job.first + column, columns, to, own);
  }
}

/** Eight inputs, which share their scale: each stored row gives one step. */
function inputs(job: UnpackArgs, input: i32, to: usize): void {
  for (let row = 0; row < job.inner; row++) {
    valuesAt(job, row, input, to);
    to += STEP;
  }
}

/** Up to eight outputs: eight values of each at a time, turned round. */
function outputs(job: UnpackArgs, output: i32, count: i32, to: usize, own: usize): void {
  if (count < TILE_COLUMNS) memory.fill(own, 0, 8 * STEP);
  for (let k = 0; k < job.inner; k += 8) {
    for (let row = 0; row < count; row++) valuesAt(job, output + row, k, own + <usize>row * STEP);
    if (k + 8 <= job.inner) {
      transpose(own, STEP, to);
      transpose(own + 4 * STEP, STEP, to + 16);
      transpose(own + 16, STEP, to + 4 * STEP);
      transpose(own + 4 * STEP + 16, STEP, to + 4 * STEP + 16);
    } else {
      for (let step: usize = 0; step < <usize>(job.inner - k); step++) {
        for (let row: usize = 0; row < 8; row++) {
          store<f32>(to + step * STEP + (row << 2), load<f32>(own + row * STEP + (step << 2)));
        }
      }
    }
    to += 8 * STEP;
  }
}

function valuesAt(job: UnpackArgs, row: i32, index: i32, to: usize): void {
  const planes = changetype<usize>(job) + offsetof<UnpackArgs>();
  const scale = load<f32>(job.scales + <usize>row * job.scalesRow + ((<usize>(index / job.block)) << 2));
  eightValues(job.codes + <usize>row * job.codesRow + byteOf(job.form, index), job.form, planes, scale, to);
}
