const typed = [
  'ArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'Array',
] as const;

/** What code makes by a length, while it is watched. */
export interface ArrayWatch extends Disposable {
  /** Bytes of the largest array since `reset`. */
  readonly largest: number;
  reset(): void;
}

/**
 * Watches every array and buffer that is made by a length, `Array.from({ length })` among them, until it is disposed: a
 * length out of a file that nobody checked shows here, whether its memory is ever touched or not.
 */
export function watchArrays(): ArrayWatch {
  let largest = 0;
  const note = (bytes: number) => void (largest = Math.max(largest, bytes));
  const own = globalThis as unknown as Record<string, unknown>;
  const originals = typed.map((name) => [name, own[name] as Constructor] as const);
  for (const [name, constructor] of originals) own[name] = watched(constructor, note);
  return {
    get largest() {
      return largest;
    },
    reset: () => void (largest = 0),
    [Symbol.dispose]: () => originals.forEach(([name, constructor]) => (own[name] = constructor)),
  };
}

// oxlint-disable-next-line no-explicit-any -- any constructor of arrays
type Constructor = (new (...args: any[]) => object) & { BYTES_PER_ELEMENT?: number };

function watched(constructor: Constructor, note: (bytes: number) => void): Constructor {
  const plain = constructor === (Array as unknown);
  const width = constructor.BYTES_PER_ELEMENT ?? (plain ? 8 : 1);
  const noted = (args: unknown[]) => {
    const [first] = args;
    if (args.length === 1 || !plain) note(width * lengthOf(first));
  };
  return new Proxy(constructor, {
    construct(target, args, asNew) {
      noted(args);
      return Reflect.construct(target, args, asNew);
    },
    apply(target, self, args) {
      noted(args);
      return Reflect.apply(target as unknown as (...all: unknown[]) => unknown, self, args);
    },
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key !== 'from' || typeof value !== 'function') return value;
      return (source: unknown, ...rest: unknown[]) => {
        note(width * lengthOf(source));
        return Reflect.apply(value, target, [source, ...rest]);
      };
    },
  });
}

/** Of a length itself, or of what has one and is no view of bytes that are there already. */
function lengthOf(source: unknown): number {
  if (typeof source === 'number') return source;
  const { length } = (source ?? {}) as { length?: unknown };
  return typeof length === 'number' ? length : 0;
}
