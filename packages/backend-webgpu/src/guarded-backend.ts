import { LowrankError } from '@lowrank/core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { BackendValues, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { Faults } from './faults.js';
import type { Limits } from './limits.js';
import { requireSize, tooLarge } from './sizes.js';
import { keepSound } from './sound-buffers.js';

export interface GuardedBackend extends WebGPUBackend {
  readonly lost: GPUDeviceLostInfo | undefined;
  /** What it keeps to: the device's own, or less where less was asked for. */
  readonly limits: Limits;
}

/**
 * tfjs's backend on `device`, with what it passes over in silence made an error: a lost device, a buffer that the
 * device does not allow, memory that ran out. Loads tfjs-backend-webgpu, which registers its kernels.
 */
export async function guarded(device: GPUDevice, info: GPUAdapterInfo, limits: Limits): Promise<GuardedBackend> {
  const Base = await loadBase();

  class Guarded extends Base implements GuardedBackend {
    lost: GPUDeviceLostInfo | undefined;
    readonly limits = limits;
    readonly #faults = new Faults();
    /** Whether what is recorded and not yet handed to the device may use buffers that a fault spoiled. */
    #recordsSpoiled = false;

    constructor() {
      super(device, info);
      void device.lost.then((info) => (this.lost = info));
      device.addEventListener('uncapturederror', (event) => {
        // Else a browser writes it to the console, too.
        event.preventDefault();
        this.#faults.report((event as GPUUncapturedErrorEvent).error);
        this.#recordsSpoiled = true;
      });
      keepSound(this.bufferManager, this.#faults);
    }

    override write(values: BackendValues, shape: number[], dtype: DataType): object {
      this.#requireDevice();
      return super.write(values, shape, dtype);
    }

    override uploadToGPU(dataId: object): void {
      this.#requireDevice();
      this.#mend(dataId);
      const data = this.tensorMap.get(dataId);
      if (data.resource) return;
      requireSize(limits, data.shape, 'maxBufferSize');
      this.#faults.bear(dataId, data.values);
      try {
        super.uploadToGPU(dataId);
      } catch (cause) {
        // A buffer to write into is wanted at once, so here the lack of memory does throw.
        throw cause instanceof RangeError ? tooLarge(data.shape, 'there must be memory for it', cause) : cause;
      }
    }

    override runWebGPUProgram(
      ...[program, inputs, ...rest]: Parameters<WebGPUBackend['runWebGPUProgram']>
    ): TensorInfo {
      this.#requireDevice();
      for (const { shape } of inputs) requireSize(limits, shape, 'maxStorageBufferBindingSize');
      requireSize(limits, program.outputShape, 'maxStorageBufferBindingSize');
      return super.runWebGPUProgram(program, inputs, ...rest);
    }

    override async read(dataId: object): Promise<BackendValues> {
      this.#requireDevice();
      this.#mend(dataId);
      let values: BackendValues;
      try {
        values = await super.read(dataId);
      } catch (error) {
        await soon(device.lost);
        this.#requireDevice();
        throw error;
      }
      this.#requireDevice();
      // It may have been reported meanwhile.
      const error = this.#faults.of(dataId);
      if (!error) return values;
      const fromHost = this.#faults.fromHost(dataId);
      if (!fromHost) throw error;
      return fromHost;
    }

    override async getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer> {
      const { mark } = this.#faults;
      try {
        const data = await super.getBufferData(buffer);
        this.#faults.confirm(mark);
        return data;
      } catch (error) {
        // Without memory to read into, it is said only that the read failed; why, the device says apart.
        throw this.#faults.after(mark) ?? error;
      }
    }

    override disposeData(dataId: object, force?: boolean): boolean {
      const gone = super.disposeData(dataId, force);
      if (gone) this.#faults.forget(dataId);
      return gone;
    }

    override readSync(dataId: object): BackendValues {
      this.#requireDevice();
      if (this.tensorMap.get(dataId).resource && typeof OffscreenCanvas === 'undefined') {
        throw new LowrankError('config-unsupported', {
          given: 'tensor.dataSync() on backend "webgpu"',
          rule: 'outside a browser a graphics card cannot be read while the program stands still',
          fix: 'write await tensor.data()',
        });
      }
      this.#mend(dataId);
      return super.readSync(dataId);
    }

    /** Throws for a value that a fault may have spoiled, but for one from the host: that is to be uploaded again. */
    #mend(dataId: object): void {
      const error = this.#faults.of(dataId);
      if (!error) return;
      const values = this.#faults.fromHost(dataId);
      if (!values) throw error;
      if (this.#recordsSpoiled) this.#submit();
      const data = this.tensorMap.get(dataId);
      if (data.resource) this.bufferManager.releaseBuffer(data.resource as GPUBuffer);
      Object.assign(data, { resource: null, values });
      this.#faults.bear(dataId, values);
    }

    #submit(): void {
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.submitQueue();
      this.#recordsSpoiled = false;
    }

    #requireDevice(): void {
      if (!this.lost) return;
      throw new LowrankError('device-lost', {
        given: `the device of backend "webgpu" (${this.lost.reason}: ${this.lost.message})`,
        rule: 'a lost device takes all that was on it along',
        fix: 'call useBackend(webgpu()) again, load the model, and go on from the last checkpoint',
      });
    }
  }
  return new Guarded();
}

async function loadBase(): Promise<typeof WebGPUBackend> {
  const module = await import('@tensorflow/tfjs-backend-webgpu');
  return module.WebGPUBackend ?? (module as unknown as { default: typeof module }).default.WebGPUBackend;
}

/** Waits for `event`, but no longer than the turn of the event loop in which it is due. */
async function soon(event: Promise<unknown>): Promise<void> {
  await Promise.race([event, new Promise((resolve) => setTimeout(resolve, 50))]);
}
