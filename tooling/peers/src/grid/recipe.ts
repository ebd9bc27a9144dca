import { familyOf, type Base } from './base.js';
import { lacking, lackingIn } from './lacking.js';
import { pairwise } from './pairwise.js';
import { targetsOf, type Targets } from './targets.js';

/** What an adapter is asked to be. The first value of each is what a recipe has unless it says otherwise. */
const options = {
  targets: ['two', 'attention', 'mlp', 'all-linear', 'expression', 'excluding', 'embedding'],
  rank: [3, 1, 8],
  alpha: [8, 3.5],
  patterns: ['none', 'rank', 'alpha', 'both'],
  rslora: [false, true],
  layers: ['all', 'second', 'first-by-pattern'],
  dropout: [0, 0.1],
  init: [true, 'gaussian', false],
  stored: ['F32', 'F16', 'BF16'],
  dora: [false, true],
  bias: ['none', 'all', 'lora_only'],
  save: ['none', 'head', 'norm'],
  loraBias: [false, true],
  tokens: [false, true],
} as const satisfies Record<string, readonly unknown[]>;

export type Options = { -readonly [Name in keyof typeof options]: (typeof options)[Name][number] };

/** One adapter to make. */
export interface Recipe {
  /** `<base>/<what differs from the usual>`, e.g. `llama/gqa/mlp+r8+rslora`. */
  name: string;
  base: Base;
  options: Options;
  /** What lowrank must name when it refuses the adapter, for what it does not do. */
  refused?: string;
}

/** Recipes in which every two options that go together do so on some base, and every option is on every base. */
export function recipesOf(bases: Base[]): Recipe[] {
  const adapted = bases.filter(({ adapted: is }) => is);
  const rows = pairwise({ base: adapted, ...options } as { base: Base[] } & typeof options, (row) => {
    return allowed(row) && !lackingIn(row);
  });
  return rows.map(({ base, ...chosen }) => recipe(base, chosen as Options));
}

/** For each thing that lowrank does not do, an adapter with it, on one base of each family. */
export function refusedRecipes(bases: Base[]): Recipe[] {
  const adapted = bases.filter(({ adapted: is }) => is);
  return lacking.flatMap(({ option, value, on, named }) => {
    const fitting = adapted.filter((base) => on(base) && allowed({ base, [option]: value }));
    const firsts = new Map(fitting.toReversed().map((base) => [familyOf(base), base]));
    return [...firsts.values()].toReversed().map((base) => usualRecipe(base, { [option]: value }, named));
  });
}

/** The adapter that differs from the usual one by `changes`. */
export function usualRecipe(base: Base, changes: Partial<Options>, refused?: string): Recipe {
  const usual = Object.fromEntries(Object.entries(options).map(([name, [value]]) => [name, value])) as Options;
  return recipe(base, { ...usual, ...changes }, refused);
}

/** What PEFT itself would refuse, or what the base does not have. */
function allowed({ base, targets, layers, dora, loraBias, init, save }: Partial<Options> & { base?: Base }): boolean {
  const listed = targets === undefined || ['two', 'attention', 'mlp', 'embedding'].includes(targets);
  if (!listed && layers !== undefined && layers !== 'all') return false;
  if (loraBias && targets === 'embedding') return false;
  if (loraBias && (dora || (init !== undefined && typeof init !== 'boolean'))) return false;
  return !(base && save === 'head' && base.head === 'encoder');
}

function recipe(base: Base, chosen: Options, refused?: string): Recipe {
  const { targets, rank, alpha, patterns, rslora, layers, dropout, init, stored } = chosen;
  const { dora, bias, save, loraBias, tokens } = chosen;
  const words = [
    targets,
    `r${rank}`,
    alpha !== 8 && `a${alpha}`,
    patterns !== 'none' && `${patterns === 'both' ? 'rank-alpha' : patterns}-pattern`,
    rslora && 'rslora',
    layers !== 'all' && `${layers}-layer`,
    dropout > 0 && `dropout${dropout}`,
    init !== true && (init || 'random-init'),
    stored !== 'F32' && stored.toLowerCase(),
    dora && 'dora',
    bias !== 'none' && `bias-${bias}`,
    save !== 'none' && `save-${save}`,
    loraBias && 'lora-bias',
    tokens && 'tokens',
  ];
  const name = `${base.name}/${words.filter(Boolean).join('+')}`;
  return { name, base, options: chosen, ...(refused !== undefined && { refused }) };
}

const tasks = { causal: 'CAUSAL_LM', encoder: 'FEATURE_EXTRACTION', classifier: null };

/** PEFT's `task_type` for what is on a base. */
export function taskOf({ head }: Base): string | null {
  return tasks[head];
}

/** The recipe as the arguments of PEFT's `LoraConfig`. */
export function peftConfig({ base, options: chosen }: Recipe): Record<string, unknown> {
  const targets = targetsOf(base);
  const { layers, patterns, save } = chosen;
  return {
    ...chosenTargets(targets, chosen),
    r: chosen.rank,
    lora_alpha: chosen.alpha,
    lora_dropout: chosen.dropout,
    use_rslora: chosen.rslora,
    init_lora_weights: chosen.init,
    use_dora: chosen.dora,
    bias: chosen.bias,
    fan_in_fan_out: familyOf(base) === 'gpt2', // else PEFT warns and sets it
    lora_bias: chosen.loraBias,
    task_type: taskOf(base),
    ...(['rank', 'both'].includes(patterns) && { rank_pattern: targets.rankPattern }),
    ...(['alpha', 'both'].includes(patterns) && { alpha_pattern: targets.alphaPattern }),
    ...(layers === 'second' && { layers_to_transform: [1] }),
    ...(layers === 'first-by-pattern' && { layers_to_transform: [0], layers_pattern: targets.layers }),
    ...(save !== 'none' && { modules_to_save: [save === 'head' ? targets.head : targets.norm] }),
    ...(chosen.tokens && { trainable_token_indices: { [targets.table]: [1, 5, 17, 30] } }),
  };
}

function chosenTargets(targets: Targets, { targets: choice }: Options): Record<string, unknown> {
  if (choice === 'excluding') return { target_modules: 'all-linear', exclude_modules: targets.excluded };
  if (choice === 'embedding') return { target_modules: [targets.table, ...targets.two] };
  return { target_modules: choice === 'all-linear' ? choice : targets[choice] };
}
