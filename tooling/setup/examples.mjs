// The examples on little data, each only where the weights and data that it takes can be had.
import { provided as fashionMnist } from '../fashion-mnist/provide.mjs';
import { miniLm, smolLm2 } from '../peers/provide-models.mjs';
import { python } from '../peers/provide-python.mjs';
import { script, step } from './steps.mjs';

/**
 * @param options.peft whether PEFT is there to learn the same beside ours
 * @returns whether all passed, and `gaps`: a line for each that could not run
 */
export async function runExamples({ peft }) {
  const gaps = [];
  const passed =
    (await classify({ gaps, few: ['--mails', '64', '--heldOut', '64', '--epochs', '1'] })) &&
    (await instruct({ gaps, few: ['--words', '64', '--heldOut', '16', '--answers', '1'], peft })) &&
    (await onFashion('upscale', { gaps, few: ['--images', '64', '--heldOut', '64', '--steps', '30'] })) &&
    (await onFashion('photos', {
      gaps,
      few: ['--images', '60', '--heldOut', '40', '--epochs', '1', '--side', '64'],
    })) &&
    (await manyAdapters({ gaps, few: ['--adapters', '6', '--batch', '6', '--copies', '2', '--rounds', '1'] }));
  return { passed, gaps };
}

function classify({ gaps, few }) {
  if (!hasWeights('examples/classify', miniLm, gaps)) return true;
  return step('example: classify', script('examples/classify/main.mjs', ...few, '--out', 'runs/classify-few'), {
    note,
  });
}

async function instruct({ gaps, few, peft }) {
  if (!hasWeights('examples/instruct', smolLm2, gaps)) return true;
  const out = 'runs/instruct-few';
  const main = script('examples/instruct/main.mjs', ...few, '--out', out);
  if (!(await step('example: instruct', main, { note }))) return false;
  return !peft || step('example: instruct, in PEFT', [python, ['examples/instruct/with_peft.py', out]], { note });
}

function onFashion(name, { gaps, few }) {
  if (!hasWeights(`examples/${name}`, fashionMnist, gaps)) return true;
  return step(`example: ${name}`, script(`examples/${name}/main.mjs`, ...few, '--out', `runs/${name}-few`), { note });
}

function manyAdapters({ gaps, few }) {
  if (!hasWeights('examples/many-adapters', miniLm, gaps)) return true;
  return step('example: many-adapters', script('examples/many-adapters/main.mjs', ...few), { note });
}

function hasWeights(folder, provide, gaps) {
  try {
    provide();
    return true;
  } catch (error) {
    gaps.push(`${folder}: ${error.message}`);
    return false;
  }
}

const note = (output) => output.trimEnd().split('\n').at(-1);
