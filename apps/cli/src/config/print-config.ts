import type { Command } from 'commander';
import { Document, isNode, type Pair } from 'yaml';
import { writtenValues } from './written.js';

/** Prints the options of a command as a config file, with where each is from; with `--json` as one object. */
export function printConfig(command: Command): void {
  const values = writtenValues(command);
  if (command.getOptionValue('json') === true) {
    const options = Object.fromEntries([...values].map(([key, { value }]) => [key, value]));
    const sources = Object.fromEntries([...values].map(([key, { from }]) => [key, from]));
    process.stdout.write(`${JSON.stringify({ type: 'config', command: command.name(), options, sources })}\n`);
    return;
  }
  const document = new Document({});
  document.commentBefore = ` lowrank ${command.name()}`;
  for (const [key, { value, from }] of values) {
    const pair: Pair = document.createPair(key, value, { flow: true });
    if (isNode(pair.value)) pair.value.comment = ` ${from}`;
    document.add(pair);
  }
  process.stdout.write(document.toString({ lineWidth: 0 }));
}
