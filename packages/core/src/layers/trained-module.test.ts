import {
  BlockWeight,
  FrozenConv,
  FrozenLinear,
  layerNorm,
  rmsNorm,
  TrainedModule,
  type FrozenModule,
} from '@lowrank/core';
import {
  checkOp,
  conv64,
  describe,
  expect,
  expectClose,
  it,
  mapped,
  matMul64,
  type Conv64,
  type Tensors,
} from '@lowrank/testing';
import {
  dispose,
  gather,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  type Variable,
} from '@tensorflow/tfjs-core';

const [features, out] = [6, 5];
const convs: [string, Conv64][] = [
  ['no padding and strides', { x: [1, 6, 7, 2], kernel: [3, 2, 2, 3], strides: [2, 3] }],
  ['dilations and the same sides', { x: [1, 6, 5, 2], kernel: [3, 2, 2, 3], dilations: [2, 2], padding: 'same' }],
  ['dilations without padding', { x: [1, 7, 6, 2], kernel: [2, 3, 2, 3], dilations: [3, 2] }],
  ['groups', { x: [2, 4, 4, 4], kernel: [3, 3, 2, 6], groups: 2, padding: 'same' }],
  ['groups with dilations', { x: [1, 6, 6, 4], kernel: [2, 3, 2, 4], groups: 2, dilations: [2, 1], padding: 'same' }],
  ['one place', { x: [2, 3, 2, 5], kernel: [1, 1, 5, 4] }],
];

const close = { atol: 1e-5, because: 'sums of at most 6 products in float32' };

function norm(kind: 'norm' | 'layer-norm', weight: Tensor1D, bias?: Tensor1D): FrozenModule {
  const forward = (x: Tensor) => (bias ? layerNorm(x, weight, bias, 1e-5) : rmsNorm(x, weight, 1e-5));
  return { kind, weight, epsilon: 1e-5, ...(bias && { bias }), forward };
}

/** `z · w + b` for z the row of unit variance, or of unit mean square, in float64. */
function norm64(x: ArrayLike<number>, w: ArrayLike<number>, b?: ArrayLike<number>): Float64Array {
  const value = (row: number, at: number) => x[row * features + at]!;
  const places = Array.from({ length: features }, (_, at) => at);
  return mapped(x, (_, index) => {
    const [row, at] = [Math.floor(index / features), index % features];
    const mean = b ? places.reduce((sum, place) => sum + value(row, place), 0) / features : 0;
    const square = places.reduce((sum, place) => sum + (value(row, place) - mean) ** 2, 0) / features;
    return ((value(row, at) - mean) / Math.sqrt(square + 1e-5)) * w[at]! + (b?.[at] ?? 0);
  });
}

/** The module as a function of its input and of what it trains. */
function asOp(module: TrainedModule) {
  const own = module.parameters('m').map(({ variable }) => variable);
  return { own, op: (x: Tensor, ...values: Tensor[]) => withValues(own, values, () => module.forward(x)) };
}

/** tfjs follows gradients to variables themselves, so what is differentiated are the variables that are passed in. */
function withValues(own: Variable[], values: Tensor[], run: () => Tensor): Tensor {
  expect(values).toEqual(own);
  return run();
}

const linear64 = (x: ArrayLike<number>, w: ArrayLike<number>, b: ArrayLike<number>) =>
  mapped(matMul64(x, w, [3, features, out]), (value, at) => value + b[at % out]!);

describe('TrainedModule', () => {
  it.onEachBackend('is a linear whose weight and bias are trained', ({ tensors }) => {
    using module = new TrainedModule(linear(tensors), 'module');
    const { own, op } = asOp(module);
    expect(module.parameters('head').map(({ name }) => name)).toEqual(['head.weight', 'head.bias']);
    checkOp({
      inputs: [tensors.randn([3, features]), ...own],
      op,
      reference: (x, w, b) => linear64(x, w!, b!),
      ...close,
    });
  });

  it.onEachBackend('is a linear of which the bias alone is trained', ({ tensors }) => {
    const base = linear(tensors);
    using module = new TrainedModule(base, 'bias');
    const { own, op } = asOp(module);
    const w = Float64Array.from((base.weight as Tensor2D).dataSync());
    expect(own.map(({ shape }) => shape)).toEqual([[out]]);
    checkOp({ inputs: [tensors.randn([3, features]), ...own], op, reference: (x, b) => linear64(x, w, b!), ...close });
  });

  it.onEachBackend('is a norm whose weight is trained', ({ tensors }) => {
    using module = new TrainedModule(norm('norm', tensors.randn([features]) as Tensor1D), 'module');
    const { own, op } = asOp(module);
    checkOp({ inputs: [tensors.randn([3, features]), ...own], op, reference: (x, w) => norm64(x, w!), ...close });
  });

  for (const [name, sizes] of convs) {
    const { strides = [1, 1], dilations = [1, 1], padding = 'valid', groups = 1 } = sizes;
    const conv64b = (x: Float64Array, w: ArrayLike<number>, b: Float64Array) =>
      mapped(conv64(x, w as Float64Array, sizes), (value, at) => value + b[at % b.length]!);

    it.onEachBackend(`is a convolution of which all is trained, or the bias, with ${name}`, ({ tensors }) => {
      const [weight, bias] = [tensors.randn(sizes.kernel) as Tensor4D, tensors.randn([sizes.kernel[3]]) as Tensor1D];
      const base = new FrozenConv(weight, bias, { strides, dilations, padding, groups });
      const x = tensors.randn(sizes.x);
      const loose = { atol: 3e-5, because: 'sums of at most 60 products in float32' };
      using whole = new TrainedModule(base, 'module');
      const all = asOp(whole);
      checkOp({ inputs: [x, ...all.own], op: all.op, reference: (x, w, b) => conv64b(x, w!, b!), ...loose });
      using part = new TrainedModule(base, 'bias');
      const alone = asOp(part);
      expect(alone.own.map(({ shape }) => shape)).toEqual([bias.shape]);
      const w = weight.dataSync();
      checkOp({ inputs: [x, ...alone.own], op: alone.op, reference: (x, b) => conv64b(x, w, b!), ...loose });
    });
  }

  for (const trains of ['module', 'bias'] as const) {
    it.onEachBackend(`is a layer norm of which the ${trains} is trained`, ({ tensors }) => {
      const [weight, bias] = [tensors.randn([features]), tensors.randn([features])] as [Tensor1D, Tensor1D];
      using module = new TrainedModule(norm('layer-norm', weight, bias), trains);
      const { own, op } = asOp(module);
      const w = Float64Array.from(weight.dataSync());
      const reference = (x: Float64Array, ...values: Float64Array[]) =>
        trains === 'bias' ? norm64(x, w, values[0]!) : norm64(x, values[0]!, values[1]!);
      checkOp({ inputs: [tensors.randn([3, features]), ...own], op, reference, ...close });
    });
  }

  it.onEachBackend('is a table whose rows learn as often as they are looked up', ({ tensors }) => {
    const table = tensors.randn([4, 3]) as Tensor2D;
    using module = new TrainedModule(
      { kind: 'embedding', weight: table, forward: (ids) => gather(table, ids) },
      'module',
    );
    const ids = tensors.of([2, 0, 2, 3], [2, 2], 'int32');
    const { own } = asOp(module);
    const reference = (rows: Float64Array) => [2, 0, 2, 3].flatMap((id) => [...rows.slice(3 * id, 3 * id + 3)]);
    checkOp({ inputs: own, op: () => module.forward(ids), reference, ...close });
  });

  it.onEachBackend('starts as its base and is the base to the bit when off, whatever was trained', ({ tensors }) => {
    const base = linear(tensors);
    using module = new TrainedModule(base, 'module');
    const x = tensors.randn([2, 3, features]);
    const [start, expected] = [module.forward(x), base.forward(x)];
    expectClose(start, expected.dataSync(), close);
    const { own } = asOp(module);
    own[0]!.assign(tensors.randn([features, out]) as Tensor);
    expect(module.weight).toBe(own[0]);
    module.enabled = false;
    const off = module.forward(x);
    expect(off.dataSync()).toEqual(expected.dataSync());
    expect(module.weight).toBe(base.weight);
    dispose([start, expected, off]);
  });

  it.onEachBackend('trains the dequantised values of a packed base', ({ tensors }) => {
    const rows = tensors.randn([out, features]).dataSync() as Float32Array;
    using base = new FrozenLinear(BlockWeight.fromRows(rows, [out, features], 'int8', 8));
    using module = new TrainedModule(base, 'module');
    const x = tensors.randn([3, features]);
    const [ours, expected] = [module.forward(x), base.forward(x)];
    expectClose(ours, expected.dataSync(), close);
    dispose([ours, expected]);
  });

  it('refuses a module that it knows no forward pass of', () => {
    const odd = { kind: 'conv', weight: undefined as never, forward: (x: Tensor) => x };
    expect(() => new TrainedModule(odd, 'module')).toThrow(
      /"conv".*linear, conv1d, conv2d, embedding, norm, layer-norm/,
    );
  });
});

function linear(tensors: Tensors): FrozenLinear {
  return new FrozenLinear(tensors.randn([features, out]) as Tensor2D, tensors.randn([out]) as Tensor1D);
}
