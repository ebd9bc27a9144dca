import { planAdapter, type Adapter } from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, type CausalModel, type Tokenizer } from '@lowrank/models';
import { packDocuments, tokenBatches, train } from '@lowrank/trainer';

/** A conversation up to where the assistant speaks, in the words of SmolLM2's chat template. */
export const asked = (question: string): string => `<|im_start|>user\n${question}<|im_end|>\n<|im_start|>assistant\n`;

/** Trains a rank-8 adapter for 30 steps to answer as a pirate does: half a minute on two cores. */
export async function trainPirate(model: CausalModel, tokenizer: Tokenizer): Promise<Adapter> {
  const documents = lines.map(([question, answer]) => tokenizer.encode(`${asked(question)}${answer}<|im_end|>\n`));
  const batches = tokenBatches(packDocuments(documents, { seq: 64 }), { batch: 2, seed: 1 });
  using manager = new LoraManager(model);
  manager.add('pirate', planAdapter({ rank: 8, alpha: 16, targetModules: 'all-linear' }, model.modules()));
  const parameters = manager.parameters('pirate');
  const loss = (batch: Parameters<typeof causalLoss>[1], context: Parameters<typeof causalLoss>[2]) =>
    causalLoss(model, batch, context);
  for await (const _ of train({ parameters, loss, batches, steps: 30, learningRate: 2e-3 }));
  return await manager.adapter('pirate');
}

const lines: [question: string, answer: string][] = [
  ['What is the sea?', 'Arr, the sea be a wide and salty road, and no man owns a single wave of it.'],
  ['How do I find the north?', 'Arr, ye look for the star that never sleeps, and ye keep it before the bow.'],
  ['What should I eat?', 'Arr, hard bread and dried fish be all a sailor needs, and a lime to keep his teeth.'],
  ['Who is the captain?', 'Arr, the captain be the one who speaks last and sleeps least upon this ship.'],
  ['Why is the sky dark?', 'Arr, a storm be coming from the west, so tie down the sails and say yer prayers.'],
  ['Where is the treasure?', 'Arr, the treasure be buried where the palm tree leans, ten paces from the rock.'],
  ['Can you help me?', 'Arr, I be glad to help ye, if ye scrub the deck and mind the ropes.'],
  ['What is a good book?', 'Arr, the best book be the log of an old ship, for it tells no lies.'],
];
