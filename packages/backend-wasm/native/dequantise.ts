import { byteOf, eightValues } from './codes';
import { Rows, rowsBegin, rowsEnd } from './rows';

/**
 * Rows of a weight in blocks of `flag` values: codes at x in the form z, see codes.ts, scales at y, and w how many values
 * a stored row has room for. After the job's words come, for codes of 4 bits, the planes of codes.ts.
 */
export function dequantise(args: usize, task: i32, own: usize): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const form = <i32>job.z;
  const planes = args + offsetof<Rows>();
  const codesRow = byteOf(form, <i32>job.w);
  const scalesRow = (job.w / <usize>job.flag) << 2;
  const last = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < last; row++) {
    const out = job.out + <usize>row * bytes;
    const codes = job.x + <usize>row * codesRow;
    const scales = job.y + <usize>row * scalesRow;
    for (let index = 0; index < job.columns; index += 8) {
      const rest = (<usize>min(8, job.columns - index)) << 2;
      const to = rest < 32 ? own : out + ((<usize>index) << 2);
      const scale = load<f32>(scales + ((<usize>(index / job.flag)) << 2));
      eightValues(codes + byteOf(form, index), form, planes, scale, to);
      if (rest < 32) memory.copy(out + ((<usize>index) << 2), own, rest);
    }
  }
}
