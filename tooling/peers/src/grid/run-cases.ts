import { adapterChecks } from './adapter-cases.js';
import { baseResult } from './base-cases.js';
import { bases } from './bases.js';
import { chosen } from './chosen.js';
import type { GroupName } from './groups.js';
import { make, type Made } from './made.js';
import { otherCases } from './other-cases.js';
import { realBases, realResults, type RealModels } from './real-cases.js';
import { recipesOf, refusedRecipes, type Recipe } from './recipe.js';
import { resultOf, type Result } from './result.js';
import type { Session } from './session.js';

interface Job {
  recipe: Recipe;
  groups: GroupName[];
}

/** Every case that is asked for, one after the other, while the Python side makes the next adapter. */
export async function runCases(
  session: Session,
  only: string,
  real: RealModels,
): Promise<{ results: Result[]; missing: string[] }> {
  const all = [...recipesOf(bases), ...refusedRecipes(bases)].map((recipe) => ({ recipe, groups: groupsOf(recipe) }));
  const others = otherCases(bases);
  const ids = [
    ...[...bases, ...realBases].map(({ name }) => `base/${name}`),
    ...others.map(({ group, name }) => `${group}/${name}`),
    ...all.flatMap(({ recipe, groups }) => groups.map((group) => `${group}/${recipe.name}`)),
  ];
  const takes = chosen(only, ids);
  const results: Result[] = [];
  for (const base of bases) {
    if (takes(`base/${base.name}`)) results.push(await baseResult(session, base));
  }
  const jobs = all
    .map(({ recipe, groups }) => ({ recipe, groups: groups.filter((group) => takes(`${group}/${recipe.name}`)) }))
    .filter(({ groups }) => groups.length > 0);
  results.push(...(await adapterResults(session, jobs)));
  for (const { group, name, check } of others) {
    if (takes(`${group}/${name}`)) results.push(await resultOf(group, name, () => check(session)));
  }
  const { results: more, missing } = await realResults(session, takes, real);
  return { results: [...results, ...more], missing };
}

function groupsOf({ refused, base, options }: Recipe): GroupName[] {
  if (refused !== undefined) return ['load', 'round-trip'];
  const all = Object.keys(adapterChecks) as GroupName[];
  // A pooler is no part of an encoder's states, so nothing trains it; lowrank refuses to.
  const idle = base.head === 'encoder' && options.targets === 'all-linear';
  return idle ? all.filter((group) => group !== 'step') : all;
}

async function adapterResults(session: Session, jobs: Job[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const { recipe } of jobs) await session.modelOf(recipe.base); // else a load counts as a leak of the case before
  let next = started(session, jobs[0]?.recipe);
  for (const [index, { recipe, groups }] of jobs.entries()) {
    const made = next;
    next = started(session, jobs[index + 1]?.recipe);
    for (const group of groups) results.push(await adapterResult(session, group, recipe, made!));
  }
  return results;
}

function started(session: Session, recipe: Recipe | undefined): Promise<Made> | undefined {
  const made = recipe && make(session, recipe);
  made?.catch(() => {}); // reported by the cases that wait for it
  return made;
}

async function adapterResult(session: Session, group: GroupName, recipe: Recipe, made: Promise<Made>): Promise<Result> {
  const check = async () => adapterChecks[group]!(session, await made);
  return resultOf(group, recipe.name, check, await refusalOf(group, recipe, made));
}

/** What PEFT cannot merge, lowrank must refuse to. */
async function refusalOf(group: GroupName, { refused }: Recipe, made: Promise<Made>): Promise<string | undefined> {
  if (group === 'load') return refused;
  const expected = group === 'merge' ? (await made.catch(() => undefined))?.expected : undefined;
  return expected && !expected.has('merged') ? 'loraBias' : undefined;
}
