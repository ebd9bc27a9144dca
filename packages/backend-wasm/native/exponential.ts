import { beginOf, Elements, endOf } from './elements';
import { exp } from './exp';
import { loadLanes, storeLanes } from './lanes';

/** `out = e^x`. */
export function exponential(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  let at = beginOf(job, task);
  for (; at + 16 <= end; at += 16) v128.store(job.out + at, exp(v128.load(job.x + at)));
  const rest = <i32>(end - at) >> 2;
  if (rest) storeLanes(job.out + at, exp(loadLanes(job.x + at, rest)), rest);
}
