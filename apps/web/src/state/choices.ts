import { signal } from '@preact/signals';
import type { RunSettings } from '../messages.js';

/** What the visitor has chosen for the next run. */
export const text = signal('');
/** What the text is called; its ending tells how it is read. */
export const file = signal('your-text.txt');
export const rank = signal(8);
export const steps = signal(60);
export const targets = signal<string[]>([]);
export const learningRate = signal(0.003);
export const prompt = signal('The people of the');

export function settings(): RunSettings {
  return {
    text: text.value,
    file: file.value,
    rank: rank.value,
    targets: targets.value,
    steps: steps.value,
    learningRate: learningRate.value,
    prompt: prompt.value,
  };
}

/** Choices back as a run of an earlier visit had them. */
export function restore(saved: RunSettings): void {
  [text.value, file.value, prompt.value] = [saved.text, saved.file, saved.prompt];
  [rank.value, steps.value, targets.value] = [saved.rank, saved.steps, saved.targets];
  learningRate.value = saved.learningRate;
}

/** Takes a file's text. Throws where it is not UTF-8. */
export async function take(given: File): Promise<void> {
  const bytes = await given.arrayBuffer();
  try {
    text.value = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${given.name} is not UTF-8 text: give a .txt, .md, .csv, .tsv or .jsonl file.`, { cause });
  }
  file.value = given.name;
}

/** How a text is read, by the ending of its name. */
export const forms = {
  txt: 'plain text',
  jsonl: 'JSON Lines: {"text"}, {"prompt", "completion"} or {"messages"}',
  csv: 'table: a column text, or prompt and completion',
};

export type Form = keyof typeof forms;

export function formOf(name: string): Form {
  if (/\.(jsonl|ndjson)$/i.test(name)) return 'jsonl';
  return /\.(csv|tsv)$/i.test(name) ? 'csv' : 'txt';
}
