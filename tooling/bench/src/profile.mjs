import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

/** Time spent in each kernel of a synchronous backend, without that of kernels it calls. */
export class Profile {
  #spent = new Map();
  /** Time in kernels called so far by each one that runs now. */
  #inner = [];

  /** Puts a clock around every kernel that tfjs finds for `backend`. */
  watch(backend) {
    for (const kernel of getKernelsForBackend(backend)) {
      unregisterKernel(kernel.kernelName, backend);
      registerKernel({ ...kernel, kernelFunc: this.#timed(kernel.kernelName, kernel.kernelFunc) });
    }
  }

  /** The same around kernels of lowrank's own ops, whose gradients are timed too. */
  watchOwn(kernels = {}) {
    return Object.fromEntries(
      Object.entries(kernels).map(([name, kernel]) => [name, this.#timed(name, this.#withGradient(name, kernel))]),
    );
  }

  clear() {
    this.#spent.clear();
  }

  /** Longest first. */
  get kernels() {
    return [...this.#spent]
      .map(([kernel, { calls, ms }]) => ({ kernel, calls, ms }))
      .sort((left, right) => right.ms - left.ms);
  }

  #withGradient(name, kernel) {
    return (...args) => {
      const result = kernel(...args);
      if (!result?.gradient) return result;
      return { ...result, gradient: this.#timed(`${name}, backward`, result.gradient) };
    };
  }

  #timed(name, work) {
    return (...args) => {
      const start = performance.now();
      this.#inner.push(0);
      try {
        return work(...args);
      } finally {
        const whole = performance.now() - start;
        const entry = this.#spent.get(name) ?? { calls: 0, ms: 0 };
        entry.calls++;
        entry.ms += whole - this.#inner.pop();
        this.#spent.set(name, entry);
        if (this.#inner.length > 0) this.#inner[this.#inner.length - 1] += whole;
      }
    };
  }
}
