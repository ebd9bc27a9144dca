#!/usr/bin/env node
import { program } from './program.js';
import { fail } from './output/fail.js';

// The reader of our output went away (`lowrank … | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  fail(error, process.argv.includes('--json'));
}
