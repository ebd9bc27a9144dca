import { forgetPeak, memoryOf } from './memory.mjs';
import { median } from './statistics.mjs';

/**
 * Runs every contender side by side: each is loaded in turn, then each round takes one sample of every one of them, so
 * that what slows the machine down for a while slows all. First whole steps, whose peak memory is read before
 * anything else runs, then forward passes.
 *
 * @returns `{ samples, absent }`: raw figures of each contender that came through, and why the others did not
 */
export async function measure(contenders, { runs, profiled, progress }) {
  const absent = [];
  let here = [];
  const each = async (what, work) => {
    const failed = new Set();
    for (const one of here) {
      progress(`${what}: ${one.contender.name}`);
      try {
        await work(one);
      } catch (error) {
        failed.add(one);
        absent.push({ name: one.contender.name, ...one.contender.task, because: `${what}: ${error.message}` });
        await one.contender.end();
      }
    }
    here = here.filter((one) => !failed.has(one));
  };

  try {
    here = contenders.map((contender) => ({ contender, losses: [], step: [], frozen: [], unmerged: [], merged: [] }));
    await each('load', async (one) => {
      Object.assign(one, await one.contender.ask('start'));
      const { now, peak } = memoryOf(one.contender.pid);
      one.memory = { loaded: now, loadPeak: peak };
      forgetPeak(one.contender.pid);
    });
    for (let round = 0; round <= runs; round++) {
      await each(round === 0 ? 'first step' : `step ${round} of ${runs}`, async (one) => {
        const { ms, losses } = await settled(one.contender, 'step');
        one.losses.push(...losses);
        // The first ones compile, allocate and pack.
        if (round > 0) one.step.push(ms);
        one.memory.stepPeak = memoryOf(one.contender.pid).peak;
      });
    }
    for (let round = 0; round <= runs; round++) {
      for (const kind of fromRound(round)) {
        await each(`${round === 0 ? 'first ' : ''}forward ${kind}`, async (one) => {
          const { ms } = await settled(one.contender, 'forward', { as: kind });
          if (round > 0) one[kind].push(ms);
        });
      }
    }
    if (profiled) {
      await each('profile', async (one) => {
        if (one.contender.task.kind === 'peft') return;
        await one.contender.ask('step');
        one.profile = await one.contender.ask('profile');
      });
    }
    return { samples: here, absent };
  } finally {
    for (const contender of contenders) await contender.end();
  }
}

/** The kinds of forward pass, each round another one first: what comes first finds its caches coldest. */
function fromRound(round) {
  const kinds = ['frozen', 'unmerged', 'merged'];
  return kinds.map((_, index) => kinds[(round + index) % kinds.length]);
}

/** As a run goes: four in a row, and the median of all but the first, whose threads slept and whose caches were cold. */
async function settled(contender, command, args) {
  const answers = [];
  while (answers.length < 4) answers.push(await contender.ask(command, args));
  return { ms: median(answers.slice(1).map(({ ms }) => ms)), losses: answers.map(({ loss }) => loss) };
}
