import { ARGS, OWN, OWN_BYTES } from './block';
import { run } from './kernels';

/**
 * How threads share a job. Every word that threads write has a cache line of its own. A ticket is
 * `tasks (32 bits) | next task (32)`: what a thread takes says by itself whether it is a task, so that a thread
 * which comes late to one job never runs a task of the next without knowing.
 */
const TICKET: usize = 0;
const JOB: usize = 64;
const DONE: usize = 128;
const SLEEPING: usize = 192;
const KERNEL: usize = 256;

/** How long a thread looks for the next job before it sleeps: about 50 microseconds, longer than most gaps between jobs. */
const PATIENCE: i32 = 30000;

/** All tasks of a job in this thread. */
export function runAlone(team: usize, kernel: i32, tasks: i32): void {
  for (let task = 0; task < tasks; task++) run(kernel, team + ARGS, task, team + OWN);
}

/** Starts a job on all threads and takes part in it, until no task is left to take. */
export function runTogether(team: usize, kernel: i32, tasks: i32): void {
  store<i32>(team + KERNEL, kernel);
  atomic.store<i32>(team + DONE, 0);
  atomic.store<i64>(team + TICKET, (<i64>tasks) << 32);
  atomic.add<i32>(team + JOB, 1);
  if (atomic.load<i32>(team + SLEEPING) > 0) atomic.notify(team + JOB, tasks - 1);
  takeTasks(team, team + OWN);
}

/** Looks `times` times whether all `tasks` tasks are done; their number so far. */
export function finished(team: usize, tasks: i32, times: i32): i32 {
  let done = 0;
  for (let time = 0; time < times; time++) {
    done = atomic.load<i32>(team + DONE);
    if (done === tasks) break;
  }
  return done;
}

/**
 * Takes tasks of one job after another in a thread of the team, until no job comes for a while; the last job's number.
 * The sleep itself is JavaScript's: compiled the fast way, V8 11.3 loses variables over `memory.atomic.wait32`.
 * The caller of jobs is member 0.
 */
export function serve(team: usize, member: i32): i32 {
  const own = team + OWN + <usize>member * OWN_BYTES;
  let last = atomic.load<i32>(team + JOB);
  takeTasks(team, own);
  for (let time = 0; time < PATIENCE; time++) {
    const job = atomic.load<i32>(team + JOB);
    if (job === last) continue;
    last = job;
    time = 0;
    takeTasks(team, own);
  }
  return last;
}

function takeTasks(team: usize, own: usize): void {
  while (true) {
    const ticket = atomic.add<i64>(team + TICKET, 1);
    const task = <i32>ticket;
    if (task >= <i32>(ticket >> 32)) return;
    run(load<i32>(team + KERNEL), team + ARGS, task, own);
    if (atomic.add<i32>(team + DONE, 1) + 1 === <i32>(ticket >> 32)) atomic.notify(team + DONE, 1);
  }
}
