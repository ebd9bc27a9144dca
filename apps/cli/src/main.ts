#!/usr/bin/env node
import { CommanderError } from 'commander';
import { program } from './program.js';

// The reader of our output went away (`lowrank … | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  // Commander has printed its own message, or the help or version that was asked for.
  const json = process.argv.includes('--json');
  if (!(error instanceof CommanderError)) (await import('./output/fail.js')).fail(error, json);
  else if (error.exitCode !== 0) {
    process.exitCode = 2;
    if (json) process.stdout.write(`${JSON.stringify({ type: 'error', code: 'usage', message: error.message })}\n`);
  }
}
