import { countAt } from './elements';
import { Some } from './lanes';
import { Rows, rowsBegin, rowsEnd } from './rows';

/** Each row of `out` is the sum of `flag` rows of x that lie behind each other. */
export function addGroups(args: usize, task: i32): void {
  const job = changetype<Rows>(args);
  const bytes = (<usize>job.columns) << 2;
  const last = rowsEnd(job, task);
  for (let row = rowsBegin(job, task); row < last; row++) {
    const x = job.x + <usize>(row * job.flag) * bytes;
    const out = job.out + <usize>row * bytes;
    for (let at: usize = 0; at < bytes; at += 16) {
      const count = countAt(at, bytes);
      let sum = Some.load(x + at, count);
      for (let other: usize = 1; other < <usize>job.flag; other++) {
        sum = f32x4.add(sum, Some.load(x + other * bytes + at, count));
      }
      Some.store(out + at, sum, count);
    }
  }
}
