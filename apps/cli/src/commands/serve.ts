import { Command, Option } from 'commander';
import { SecretOption } from '../config/secret-option.js';
import { whole } from './number.js';
import { backendOption, jsonOption, modelHelp, offlineOption, quantiseOption } from './shared-options.js';

export function serveCommand(): Command {
  return new Command('serve')
    .description("Answer OpenAI's clients over HTTP, with one base and any number of adapters on it.")
    .addOption(new Option('-m, --model <folder>', modelHelp).default('tiny'))
    .addOption(quantiseOption())
    .addOption(new Option('--adapters <folder>', 'a folder of PEFT folders; each is a model by its name'))
    .addOption(new Option('--name <name>', 'what requests call the base').default('base'))
    .addOption(new Option('--host <address>', 'where to listen; others than loopback need a key').default('127.0.0.1'))
    .addOption(new Option('--port <n>', 'where to listen; 0 takes a free one').argParser(whole(0)).default(8000))
    .addOption(new SecretOption('--api-key <key>', 'what requests need as a bearer token').env('LOWRANK_API_KEY'))
    .addOption(new Option('--max-batch <n>', 'most texts in one forward pass').argParser(whole()).default(8))
    .addOption(new Option('--max-queue <n>', 'most requests that wait').argParser(whole()).default(64))
    .addOption(new Option('--max-live <n>', 'most adapters in memory at once').argParser(whole()).default(128))
    .addOption(new Option('--max-tokens <n>', 'most tokens of one answer').argParser(whole()).default(1024))
    .addOption(new Option('--time-limit <seconds>', 'most time of one request').argParser(whole()).default(120))
    .addOption(offlineOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .action(async (flags) => (await import('../run/serve.js')).runServe(flags));
}
