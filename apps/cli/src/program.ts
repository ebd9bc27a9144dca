import { Command, CommanderError } from 'commander';
import { benchCommand } from './commands/bench.js';
import { chatCommand } from './commands/chat.js';
import { classifyCommand } from './commands/classify.js';
import { combineCommand } from './commands/combine.js';
import { compareCommand } from './commands/compare.js';
import { completionCommand } from './commands/completion.js';
import { doctorCommand } from './commands/doctor.js';
import { evalCommand } from './commands/eval.js';
import { exportCommand } from './commands/export.js';
import { extractCommand } from './commands/extract.js';
import { fetchCommand } from './commands/fetch.js';
import { generateCommand } from './commands/generate.js';
import { importCommand } from './commands/import.js';
import { initCommand } from './commands/init.js';
import { inspectCommand } from './commands/inspect.js';
import { mergeCommand } from './commands/merge.js';
import { planCommand } from './commands/plan.js';
import { rankCommand } from './commands/rank.js';
import { rerankCommand } from './commands/rerank.js';
import { runsCommand } from './commands/runs.js';
import { sweepCommand } from './commands/sweep.js';
import { serveCommand } from './commands/serve.js';
import { trainRoundsCommand } from './commands/train-rounds.js';
import { trainCommand } from './commands/train.js';
import { addConfigOptions } from './config/config-options.js';
import { workerCommand } from './commands/worker.js';
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
  for (const command of commands) root.addCommand(addConfigOptions(command()).copyInheritedSettings(root));
  return root.hook('preAction', async (_, command) => {
    if (command.getOptionValue('printConfig') !== true) return;
    (await import('./config/print-config.js')).printConfig(command);
    throw new CommanderError(0, 'lowrank.printConfig', 'the config is printed');
  });
}

const commands = [
  initCommand,
  trainCommand,
  evalCommand,
  generateCommand,
  chatCommand,
  serveCommand,
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
  runsCommand,
  sweepCommand,
  trainRoundsCommand,
  planCommand,
  rankCommand,
  benchCommand,
  workerCommand,
  doctorCommand,
  completionCommand,
];

const exitCodes = `
Exit codes: 0 done, 1 failed, 2 the command or an option is wrong or a question was left open, 130 stopped by Ctrl-C.`;
