import { Command } from 'commander';
import { classifyCommand } from './commands/classify.js';
import { combineCommand } from './commands/combine.js';
import { compareCommand } from './commands/compare.js';
import { doctorCommand } from './commands/doctor.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { extractCommand } from './commands/extract.js';
import { fetchCommand } from './commands/fetch.js';
import { generateCommand } from './commands/generate.js';
import { importCommand } from './commands/import.js';
import { inspectCommand } from './commands/inspect.js';
import { mergeCommand } from './commands/merge.js';
import { planCommand } from './commands/plan.js';
import { rankCommand } from './commands/rank.js';
import { rerankCommand } from './commands/rerank.js';
import { trainCommand } from './commands/train.js';
import { version } from './version.js';

/**
 * The command table. Commands describe themselves; what they run is imported when they run, so that `--help`
 * loads neither TensorFlow.js nor a model.
 */
export function program(): Command {
  const root = new Command('lowrank')
    .description('Train, inspect, merge, convert and run LoRA adapters on a frozen language model.')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .addHelpText('after', exitCodes);
  for (const command of commands) root.addCommand(command().copyInheritedSettings(root));
  return root;
}

const commands = [
  trainCommand,
  evalCommand,
  generateCommand,
  classifyCommand,
  fetchCommand,
  inspectCommand,
  mergeCommand,
  exportCommand,
  importCommand,
  combineCommand,
  rerankCommand,
  extractCommand,
  compareCommand,
  planCommand,
  rankCommand,
  doctorCommand,
];

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 the command or an option is wrong, 130 stopped by Ctrl-C.`;
