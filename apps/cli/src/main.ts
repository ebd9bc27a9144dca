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
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else (await import('./output/fail.js')).fail(error, process.argv.includes('--json'));
}
