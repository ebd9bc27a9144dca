import { cancel, intro, isCancel, outro, select, text } from '@clack/prompts';
import { existsSync } from 'node:fs';
import { wrongOption } from '../output/usage-error.js';
import type { Answers } from '../run/init.js';

/** Asks for what was not given; undefined where the user left. Throws a usage error where stdin closes before an answer. */
export async function askForConfig(given: Answers): Promise<Answers | undefined> {
  intro('A config for lowrank train');
  const answers: Record<string, unknown> = { ...given };
  // A question whose stdin has closed, by Ctrl-D too, waits without anything left to wait for.
  const closed = new AbortController();
  process.once('beforeExit', () => closed.abort());
  for (const [key, ask] of Object.entries(questions)) {
    if (answers[key] !== undefined) continue;
    const answer = await ask(closed.signal);
    if (closed.signal.aborted) throw unanswered(key);
    if (isCancel(answer)) {
      cancel('nothing is written');
      return undefined;
    }
    if (answer !== undefined && answer !== '') answers[key] = key === 'data' ? [answer] : answer;
  }
  outro('That is all that is needed.');
  return answers;
}

function unanswered(key: string): Error {
  return wrongOption({
    given: `stdin closed before --${key} was answered`,
    rule: 'init asks for what no option gives',
    fix: `add --${key}, and --yes to be asked nothing`,
  });
}

type Ask = (signal: AbortSignal) => Promise<unknown>;

const questions: Record<keyof Answers, Ask> = {
  model: (signal) =>
    text({
      signal,
      message: 'Which model? A folder, a .gguf file, owner/name on the hub, or tiny for the embedded one',
      initialValue: 'tiny',
      validate: (value) => (value ? undefined : 'It needs one.'),
    }),
  data: (signal) =>
    text({
      signal,
      message: 'What does it learn from? A .txt, .md, .jsonl or .csv file, or a folder',
      validate: (value) => (value && existsSync(value) ? undefined : 'There is no such file here.'),
    }),
  out: (signal) => text({ signal, message: 'Where does the adapter go?', initialValue: 'adapter' }),
  rank: (signal) =>
    select({
      signal,
      message: 'How large is the adapter?',
      initialValue: 8,
      options: [
        { value: 4, label: 'rank 4', hint: 'a style, few examples' },
        { value: 8, label: 'rank 8', hint: 'usual' },
        { value: 16, label: 'rank 16', hint: 'a task of its own' },
        { value: 64, label: 'rank 64', hint: 'much data' },
      ],
    }),
  epochs: (signal) =>
    select({
      signal,
      message: 'How many times through the data?',
      initialValue: 1,
      options: [1, 2, 3, 5].map((value) => ({ value, label: String(value) })),
    }),
  sample: (signal) => text({ signal, message: 'A prompt to watch it by? Empty for none', initialValue: '' }),
};
