// One contender on tfjs in a process of its own: reads commands as JSON lines from stdin, answers on stdout.
import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import { webgpu } from '@lowrank/backend-webgpu';
import { useBackend } from '@lowrank/core';
import { version_core } from '@tensorflow/tfjs-core';
import { createInterface } from 'node:readline';
import { Profile } from './profile.mjs';
import { stock } from './stock.mjs';
import { openSubject } from './subject.mjs';

const ours = { wasm: (threads) => wasm({ threads }), node: (threads) => node({ threads }), webgpu: () => webgpu() };
const task = JSON.parse(process.argv[2]);
const profile = new Profile();
let subject;

const commands = {
  async start() {
    const { kind, backend: name, threads, profiled } = task;
    const backend = (kind === 'stock' ? stock : ours)[name](threads);
    const used = profiled ? { ...backend, kernels: profile.watchOwn(backend.kernels) } : backend;
    await useBackend(used);
    if (profiled) profile.watch(backend.name);
    const { threads: real, version, device } = backend.capabilities();
    subject = await openSubject(task);
    return { threads: real, runtime: [device, version ?? `tfjs ${version_core}`].filter(Boolean).join(', ') };
  },
  step: () => subject.step(),
  forward: ({ as }) => subject.forward(as),
  async profile() {
    profile.clear();
    const { ms } = await subject.step();
    return { ms, kernels: profile.kernels };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...args } = JSON.parse(line);
  const answer = await commands[command](args).catch((error) => ({ error: String(error?.message ?? error) }));
  process.stdout.write(`@ ${JSON.stringify(answer)}\n`);
}
process.exit();
