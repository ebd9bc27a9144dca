import { cancel, intro, isCancel, outro, select, text } from '@clack/prompts';
import { existsSync } from 'node:fs';
import type { Answers } from '../run/init.js';

/** Asks for what was not given; undefined where the user left. */
export async function askForConfig(given: Answers): Promise<Answers | undefined> {
  intro('A config for lowrank train');
  const answers: Record<string, unknown> = { ...given };
  for (const [key, ask] of Object.entries(questions)) {
    if (answers[key] !== undefined) continue;
    const answer = await ask();
    if (isCancel(answer)) {
      cancel('nothing is written');
      return undefined;
    }
    if (answer !== undefined && answer !== '') answers[key] = key === 'data' ? [answer] : answer;
  }
  outro('That is all that is needed.');
  return answers;
}

const questions: Record<keyof Answers, () => Promise<unknown>> = {
  model: () =>
    text({
      message: 'Which model? A folder, a .gguf file, owner/name on the hub, or tiny for the embedded one',
      initialValue: 'tiny',
      validate: (value) => (value ? undefined : 'It needs one.'),
    }),
  data: () =>
    text({
      message: 'What does it learn from? A .txt, .md, .jsonl or .csv file, or a folder',
      validate: (value) => (value && existsSync(value) ? undefined : 'There is no such file here.'),
    }),
  out: () => text({ message: 'Where does the adapter go?', initialValue: 'adapter' }),
  rank: () =>
    select({
      message: 'How large is the adapter?',
      initialValue: 8,
      options: [
        { value: 4, label: 'rank 4', hint: 'a style, few examples' },
        { value: 8, label: 'rank 8', hint: 'usual' },
        { value: 16, label: 'rank 16', hint: 'a task of its own' },
        { value: 64, label: 'rank 64', hint: 'much data' },
      ],
    }),
  epochs: () =>
    select({
      message: 'How many times through the data?',
      initialValue: 1,
      options: [1, 2, 3, 5].map((value) => ({ value, label: String(value) })),
    }),
  sample: () => text({ message: 'A prompt to watch it by? Empty for none', initialValue: '' }),
};
