import type { Command, Option } from 'commander';
import { Document, isNode, type Pair } from 'yaml';
import { configKeys } from './config-keys.js';
import { SecretOption } from './secret-option.js';
import { writtenValues } from './written.js';

/**
 * Prints the options of a command as a config file, with where each is from; with `--json` as one object. Of a secret it
 * says only where it is from.
 */
export function printConfig(command: Command): void {
  const options = configKeys(command);
  const all = [...writtenValues(command)];
  const values = all.filter(([key, { value }]) => !isSecret(options.get(key), value));
  if (command.getOptionValue('json') === true) {
    const shown = Object.fromEntries(values.map(([key, { value }]) => [key, value]));
    const sources = Object.fromEntries(all.map(([key, { from }]) => [key, from]));
    process.stdout.write(`${JSON.stringify({ type: 'config', command: command.name(), options: shown, sources })}\n`);
    return;
  }
  const document = new Document({});
  document.commentBefore = ` lowrank ${command.name()}`;
  for (const [key, { value, from }] of values) {
    const pair: Pair = document.createPair(key, value, { flow: true });
    if (isNode(pair.value)) pair.value.comment = ` ${from}`;
    document.add(pair);
  }
  const hidden = all.filter((one) => !values.includes(one));
  if (hidden.length > 0) document.comment = hidden.map(([key, { from }]) => ` ${key} is not shown, ${from}`).join('\n');
  process.stdout.write(document.toString({ lineWidth: 0 }));
}

/** A key, or an address with a password. */
function isSecret(option: Option | undefined, value: unknown): boolean {
  return option instanceof SecretOption || /^\w+:\/\/[^/]*:[^/]*@/.test(String(value));
}
