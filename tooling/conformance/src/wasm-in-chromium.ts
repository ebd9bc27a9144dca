import { wasm } from '@lowrank/backend-wasm';
import { runConformance, type Report } from '@lowrank/conformance';

/** Run in a browser's page that serves tfjs's `.wasm` files below `/wasm/`. */
export default function wasmInChromium(): Promise<Report> {
  return runConformance(wasm({ wasmPaths: '/wasm/' }));
}
