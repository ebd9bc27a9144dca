import { describe, expect, test } from 'vitest';
import { bases } from './bases.js';
import { lacking, lackingIn } from './lacking.js';
import { peftConfig, recipesOf, refusedRecipes } from './recipe.js';

const recipes = [...recipesOf(bases), ...refusedRecipes(bases)];

describe('the grid of adapters', () => {
  test('has a name of its own for each', () => {
    expect(new Set(recipes.map(({ name }) => name)).size).toBe(recipes.length);
  });

  test('has every base that is adapted, with each way to choose targets', () => {
    const adapted = bases.filter(({ adapted: is }) => is);
    const held = new Set(recipes.map(({ base, options }) => `${base.name} ${options.targets}`));
    for (const { name } of adapted) {
      for (const targets of ['two', 'attention', 'mlp', 'all-linear', 'expression', 'excluding', 'embedding']) {
        expect(held).toContain(`${name} ${targets}`);
      }
    }
  });

  test('asks for what lowrank lacks only where it expects to be refused', () => {
    for (const { base, options, refused } of recipes) {
      expect(lackingIn({ base, ...options })?.named).toBe(refused);
    }
    expect(new Set(refusedRecipes(bases).map(({ refused }) => refused)).size).toBe(lacking.length);
  });

  test("gives PEFT its own words for a recipe's", () => {
    const recipe = recipes.find(({ name }) => name === 'llama/gqa/two+r3');
    expect(peftConfig(recipe!)).toMatchObject({
      r: 3,
      lora_alpha: 8,
      target_modules: ['q_proj', 'v_proj'],
      bias: 'none',
    });
  });
});
