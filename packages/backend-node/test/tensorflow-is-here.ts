import { node } from '@lowrank/backend-node';

/**
 * Whether the tests that need TensorFlow can run. With `CI=true` they run, and fail, also where it is not there;
 * elsewhere it says why they are skipped.
 */
export async function tensorflowIsHere(): Promise<boolean> {
  if (process.env['CI'] === 'true') return true;
  try {
    await node().init();
    return true;
  } catch (error) {
    console.warn(`skipped: ${String(error)}; in this repository, run node tooling/libtensorflow/provide.mjs`);
    return false;
  }
}
