// From a bare clone to a trained adapter: installs, builds, then runs the main job of tooling/quickstart.
import { build, install, run, script } from './steps.mjs';

// Ctrl-C is the job's to answer: it saves a checkpoint and says how to go on.
process.on('SIGINT', () => {});

if (!(await install()) || !(await build())) process.exit(1);
const { code } = await run(script('tooling/quickstart/run.mjs', ...process.argv.slice(2)), { show: true });
process.exit(code);
