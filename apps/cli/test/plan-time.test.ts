import { expect, it } from '@lowrank/testing';
import { lowrank } from './lowrank.js';

/** Tells, as the process ends, how long its own threads have computed, since it began. */
const hook = `process.on('exit', () => console.error('computed ' + JSON.stringify(process.cpuUsage())))`;

/** Milliseconds. */
async function computedBy(...args: string[]): Promise<number> {
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(hook)}` };
  const { code, stderr } = await lowrank(args, { env });
  expect(code).toBe(0);
  const { user, system } = JSON.parse(/computed (.*)/.exec(stderr)![1]!) as NodeJS.CpuUsage;
  return (user + system) / 1000;
}

// The aim is 300 ms on a clock. A clock also counts what other processes take: here, beside sixteen of them, it says over a
// second where the process computes 250 ms. So what is held is the time computed, to three times the aim, for slower machines.
it("gpt2-xl's plan is there at once", async () => {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    times.push(await computedBy('plan', '--model', 'gpt2-xl', '--rank', '16', '--targets', 'all-linear', '--json'));
  }
  const median = times.toSorted((left, right) => left - right)[2]!;
  // Starting Node alone takes some 40 of them: a hook that tells nothing would not pass.
  expect(median).toBeGreaterThan(20);
  expect(median).toBeLessThan(900);
});
