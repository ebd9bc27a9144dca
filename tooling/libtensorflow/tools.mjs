import { spawnSync } from 'node:child_process';

/**
 * Runs a program; throws one line where it is not there or fails. With `CI=true` and as root on Debian a missing
 * one is installed.
 *
 * @param need `debian`, the package that brings it, and `doing`, what it was wanted for.
 */
export function runTool(program, args, { debian, doing }) {
  if (!works(program, args)) install(debian, doing);
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status === 0) return;
  const said = (error?.message ?? (stderr.trim() || stdout.trim())).split('\n').slice(-5).join(' | ');
  throw new Error(`${doing} failed: ${said}`);
}

/** `python3 -m pip` needs the module too. */
function works(program, [flag, module]) {
  const probe = flag === '-m' ? [flag, module, '--version'] : ['--version'];
  return spawnSync(program, probe).status === 0;
}

function install(debian, doing) {
  const mayInstall = process.env.CI === 'true' && process.getuid?.() === 0;
  for (const args of mayInstall ? [['update'], ['install', '--yes', '--no-install-recommends', debian]] : []) {
    spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  }
  if (mayInstall && spawnSync('dpkg', ['--status', debian]).status === 0) return;
  throw new Error(`${doing} needs the Debian package ${debian}: apt-get install ${debian}`);
}
