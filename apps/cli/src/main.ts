#!/usr/bin/env node
import { CommanderError } from 'commander';
import { program } from './program.js';

// The reader of our output went away (`lowrank … | head`): that is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const root = program();
try {
  const [name, ...args] = process.argv.slice(2);
  const command = root.commands.find((one) => one.name() === name);
  if (command && args.some((arg) => arg.startsWith('--config'))) {
    const typed = program().commands.find((one) => one.name() === name)!;
    await (await import('./config/apply-config.js')).applyConfig(command, typed, args);
  }
  await root.parseAsync();
} catch (error) {
  // Commander has printed its own message, or the help or version that was asked for.
  const json = process.argv.includes('--json') || root.commands.some((one) => one.getOptionValue('json') === true);
  if (!(error instanceof CommanderError)) (await import('./output/fail.js')).fail(error, json);
  else if (error.exitCode !== 0) {
    process.exitCode = 2;
    if (json) process.stdout.write(`${JSON.stringify({ type: 'error', code: 'usage', message: error.message })}\n`);
  }
}
