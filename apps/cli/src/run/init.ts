import { LowrankError } from '@lowrank/core';
import { writeFileAtomic } from '@lowrank/formats';
import { existsSync } from 'node:fs';
import { askForConfig } from '../init/ask.js';
import { configText } from '../init/config-text.js';
import { UsageError, wrongOption } from '../output/usage-error.js';
import { reporter } from '../output/reporter.js';

export interface InitFlags {
  file: string;
  yes?: boolean;
  overwrite?: boolean;
  json?: boolean;
  model?: string;
  data?: string[];
  out?: string;
  rank?: number;
  epochs?: number;
  sample?: string;
}

/** What a new config says; the rest is there as a comment. */
export type Answers = Pick<InitFlags, 'model' | 'data' | 'out' | 'rank' | 'epochs' | 'sample'>;

/** Writes a config for `lowrank train`, after asking for what was not given where there is a terminal. */
export async function runInit({ file, yes, overwrite, json = false, ...given }: InitFlags): Promise<void> {
  if (existsSync(file) && !overwrite) throw taken(file);
  if (!/\.ya?ml$/i.test(file)) {
    throw wrongOption({ given: `--file ${file}`, rule: 'a config with comments is YAML', fix: 'end it in .yaml' });
  }
  const asks = !yes && !json && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const answers = asks ? await askForConfig(given) : given;
  if (!answers) {
    process.exitCode = 130;
    return;
  }
  if (answers.data === undefined) {
    throw wrongOption({
      given: 'no --data',
      rule: 'a run learns from some',
      fix: 'add --data, such as --data text.txt',
    });
  }
  const options = { ...answers, model: answers.model ?? 'tiny', out: answers.out ?? 'adapter' };
  await writeFileAtomic(file, new TextEncoder().encode(configText(options)));
  const out = reporter(json);
  out.event({ type: 'result', file, options });
  out.line(`wrote ${file}. To see what it comes to, and to train:`);
  out.line(`  lowrank train --config ${file} --print-config`);
  out.line(`  lowrank train --config ${file}`);
}

function taken(file: string): Error {
  return new UsageError(
    new LowrankError('file-unwritable', {
      given: `--file ${file}`,
      rule: 'there is such a file already',
      fix: 'name another, or add --overwrite',
    }),
  );
}
