import { beginOf, countAt, Elements, endOf } from './elements';
import { exp } from './exp';
import { Some } from './lanes';

/** `out = e^x`. */
export function exponential(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    Some.store(job.out + at, exp(Some.load(job.x + at, count)), count);
  }
}
