import { LowrankError, type AdapterPlan, type PlannedExtra } from '@lowrank/core';

/** Throws `adapter-mismatch` where an adapter of `plan` has no room in what was made for `room`. */
export function checkRoom(room: AdapterPlan, plan: AdapterPlan): void {
  for (const key of ['useDora', 'loraBias'] as const) {
    if (plan.config[key] === room.config[key]) continue;
    throw noRoom(`an adapter with ${key}: ${plan.config[key]}`, `the one that is held has ${room.config[key]}`);
  }
  const held = new Map(room.modules.map((module) => [module.path, module]));
  for (const { path, rank, in: from, out, groups = 1 } of plan.modules) {
    const most = held.get(path)?.rank;
    const given = `factors of "${path}", A [${from}, ${rank}] and B [${rank}, ${out}]`;
    if (most === undefined) throw noRoom(given, 'the adapter that is held has none there');
    if (rank > most) throw noRoom(given, `there is room for A [${from}, ${most}] and B [${most}, ${out}]`);
    if (rank < most && groups > 1) throw noRoom(given, `a rank is dealt out to groups, and the one held is ${most}`);
  }
  // A zero B leaves DoRA's magnitudes, and what they would have to be is known only once the base is read.
  if (plan.config.useDora && plan.modules.length < room.modules.length) {
    const paths = new Set(plan.modules.map(({ path }) => path));
    const bare = room.modules.find(({ path }) => !paths.has(path));
    throw noRoom(`an adapter without magnitudes of "${bare?.path}"`, 'the adapter that is held has them, with useDora');
  }
  const [theirs, ours] = [plan.extras, room.extras].map((extras) => extras.map(said));
  const odd = theirs?.find((one) => !ours?.includes(one)) ?? ours?.find((one) => !theirs?.includes(one));
  if (odd !== undefined) throw noRoom(odd, 'both adapters must train the same besides their factors');
}

function said({ path, trains, tokens }: PlannedExtra): string {
  return `"${path}" (${trains}${tokens ? ` ${tokens.join(', ')}` : ''})`;
}

function noRoom(given: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix: 'add it under a name of its own' });
}
