import { webgpu } from '@lowrank/backend-webgpu';
import { useBackend } from '@lowrank/core';
import { cpu, describe, errorOf, expect, it } from '@lowrank/testing';
import { add, engine, getBackend, matMul, memory, ones, relu, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { dawnIsHere } from '../test/dawn.js';
import { deviceOf } from '../test/device-of.js';

describe('webgpu', () => {
  it('says that it must be started before what it can do', async () => {
    expect((await errorOf(() => webgpu().capabilities())).code).toBe('backend-unavailable');
  });

  it('throws backend-unavailable without an adapter, and leaves the active backend', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    await useBackend(cpu());
    const before = engine().registry['webgpu'];
    if (before) deviceOf().destroy();
    await deviceGone();
    expect((await errorOf(() => useBackend(webgpu({ gpu })))).code).toBe('backend-unavailable');
    expect(getBackend()).toBe('cpu');
  });
});

describe('a started webgpu', async () => {
  const test = it.runIf(await dawnIsHere());

  test('names its device and has the limits of its adapter, not the floors', async () => {
    const backend = webgpu();
    await Promise.all([useBackend(backend), useBackend(webgpu())]);
    const { device, limits } = backend.capabilities();
    expect(device).toMatch(/\w/);
    expect(backend.capabilities().software).toBe(/swiftshader|llvmpipe/i.test(device as string));
    expect(limits?.['maxStorageBufferBindingSize']).toBeGreaterThan(2 ** 27);
    expect(deviceOf().limits.maxStorageBufferBindingSize).toBe(limits?.['maxStorageBufferBindingSize']);
  });

  test('is the same backend after another was used', async () => {
    await useBackend(webgpu());
    const running = engine().registry['webgpu'];
    await useBackend(cpu());
    await useBackend(webgpu());
    expect(engine().registry['webgpu']).toBe(running);
  });

  test('leaves navigator as it was', async () => {
    await useBackend(webgpu());
    expect((globalThis.navigator as Navigator | undefined)?.gpu).toBeUndefined();
  });

  test('refuses more than the adapter has', async () => {
    await useBackend(webgpu());
    deviceOf().destroy();
    await deviceGone();
    const error = await errorOf(() => useBackend(webgpu({ limits: { maxBufferSize: 2 ** 50 } })));
    expect(error.code).toBe('config-invalid');
    await useBackend(webgpu());
  });

  test('makes each use of a lost device an error, and works on a new one after another init', async () => {
    await useBackend(webgpu());
    const lost = tidy(() => relu(ones([2000])));
    const reading = errorOf(() => lost.data());
    deviceOf().destroy();
    expect((await reading).code).toBe('device-lost');
    const later = await errorOf(() => lost.data());
    expect(later.code).toBe('device-lost');
    expect(later.fix).toContain('useBackend(webgpu())');
    expect((await errorOf(() => relu(lost))).code).toBe('device-lost');
    expect((await errorOf(() => tensor1d([1]))).code).toBe('device-lost');

    await useBackend(webgpu());
    const product = tidy(() => matMul(ones([3, 1500]), ones([1500, 2])));
    expect([...(await product.data())]).toEqual(Array(6).fill(1500));
    product.dispose();
    lost.dispose();
    expect((memory() as unknown as { numBytesInGPU: number }).numBytesInGPU).toBeLessThan(1e5);
  });

  test('refuses a tensor that is larger than the device allows', async () => {
    await useBackend(webgpu());
    deviceOf().destroy();
    await deviceGone();
    await useBackend(webgpu({ limits: { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 } }));
    const wide = ones([2 ** 13, 1]);
    const before = memory().numTensors;
    expect((await errorOf(() => matMul(wide, wide, false, true))).message).toContain('maxStorageBufferBindingSize');
    expect((await errorOf(() => matMul(wide, wide, false, true))).code).toBe('out-of-memory');
    expect(memory().numTensors).toBe(before);
    wide.dispose();
    deviceOf().destroy();
    await deviceGone();
    await useBackend(webgpu());
  });

  test('throws at the read what the device refused, and goes on with other values', async () => {
    await useBackend(webgpu());
    const good = tidy(() => relu(ones([2000])));
    expect((await good.data())[0]).toBe(1);
    const spoiled = tidy(() => relu(ones([2000])));
    refuse();
    expect((await errorOf(() => spoiled.data())).code).toBe('device-fault');
    expect((await errorOf(() => relu(spoiled))).code).toBe('device-fault');
    const next = tidy(() => relu(good));
    expect((await next.data())[1999]).toBe(1);
    for (const value of [good, spoiled, next]) value.dispose();
  });

  test('uploads again what came from the host when the device refused work, and what it had read stays', async () => {
    await useBackend(webgpu());
    const [weights, read] = [tensor1d(Array(2000).fill(3)), tidy(() => relu(tensor1d(Array(2000).fill(2))))];
    await read.data();
    const spoiled = tidy(() => relu(weights));
    refuse();
    expect((await errorOf(() => spoiled.data())).code).toBe('device-fault');
    // Read from the host, which tells nothing of the device: what was spoiled stays so.
    expect((await weights.data())[0]).toBe(3);
    expect((await errorOf(() => spoiled.data())).code).toBe('device-fault');
    const again = tidy(() => add(relu(weights), read));
    expect((await again.data())[1999]).toBe(5);
    const lost = tidy(() => add(weights, again));
    refuse();
    expect((await errorOf(() => lost.data())).code).toBe('device-fault');
    const twice = tidy(() => add(weights, again));
    expect((await twice.data())[0]).toBe(8);
    for (const value of [weights, read, spoiled, again, lost, twice]) value.dispose();
  });

  test('uploads again while what was recorded before the fault still waits', async () => {
    await useBackend(webgpu());
    // Of a size that no other test leaves buffers of: one from before the fault could be used again.
    const weights = tensor1d(Array(2011).fill(3));
    const waiting = tidy(() => relu(weights));
    refuse();
    const after = tidy(() => relu(weights));
    expect((await after.data())[2010]).toBe(3);
    expect((await errorOf(() => waiting.data())).code).toBe('device-fault');
    for (const value of [weights, waiting, after]) value.dispose();
  });

  test('hands out no buffer again that the device may have refused', async () => {
    await useBackend(webgpu());
    const size = 4 * 2003;
    const create = deviceOf().createBuffer.bind(deviceOf());
    deviceOf().createBuffer = (wanted) => {
      const buffer = create(wanted);
      // One destroyed is as one without memory: whatever uses it is refused.
      if (wanted.size === size && !wanted.mappedAtCreation) buffer.destroy();
      return buffer;
    };
    const weights = tensor1d(Array(2003).fill(1));
    const from = tidy(() => relu(ones([2003])));
    const error = await errorOf(() => from.data());
    deviceOf().createBuffer = create;
    expect(error.code).toBe('device-fault');
    from.dispose();
    for (let time = 0; time < 3; time++) {
      const value = tidy(() => relu(weights));
      expect((await value.data())[2002]).toBe(1);
      value.dispose();
    }
    weights.dispose();
  });
});

/** Asks for what no device has. */
function refuse(): void {
  deviceOf().createBuffer({ size: 2 ** 45, usage: GPUBufferUsage.STORAGE });
}

/** A loss is told in a later turn of the event loop. */
async function deviceGone(): Promise<void> {
  if (engine().registry['webgpu']) await deviceOf().lost;
}
