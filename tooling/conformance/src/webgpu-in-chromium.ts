import { webgpu } from '@lowrank/backend-webgpu';
import { runConformance, type Report } from '@lowrank/conformance';

/** Run in a browser's page. The large shapes ran in Node, on the same shaders. */
export default function webgpuInChromium(): Promise<Report> {
  return runConformance(webgpu(), { large: false });
}
