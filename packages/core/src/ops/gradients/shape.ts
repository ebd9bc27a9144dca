import {
  add,
  cast,
  concat,
  pad,
  reshape,
  split,
  stack,
  tidy,
  transpose,
  unsortedSegmentSum,
  unstack,
  zerosLike,
  type GradConfig,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

const identity: GradConfig = { kernelName: 'Identity', gradFunc: (dy) => ({ x: () => add(dy as Tensor, 0) }) };

const castGradient: GradConfig = { kernelName: 'Cast', gradFunc: (dy) => ({ x: () => cast(dy as Tensor, 'float32') }) };

const reshapeGradient: GradConfig = {
  kernelName: 'Reshape',
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => ({ x: () => reshape(dy as Tensor, (saved[0] as Tensor).shape) }),
};

const expandDims: GradConfig = {
  kernelName: 'ExpandDims',
  inputsToSave: ['input'],
  gradFunc: (dy, saved) => ({ input: () => reshape(dy as Tensor, (saved[0] as Tensor).shape) }),
};

const transposeGradient: GradConfig = {
  kernelName: 'Transpose',
  gradFunc: (dy, _saved, attrs) => {
    const { perm } = attrs as unknown as { perm: number[] };
    const back = perm.map((_, axis) => perm.indexOf(axis));
    return { x: () => transpose(dy as Tensor, back) };
  },
};

const concatGradient: GradConfig = {
  kernelName: 'Concat',
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const axis = axisOf(attrs, (dy as Tensor).shape.length);
    const pieces = split(
      dy as Tensor,
      saved.map((part) => part.shape[axis] as number),
      axis,
    );
    return Object.fromEntries(pieces.map((piece, index) => [index, () => piece]));
  },
};

const splitGradient: GradConfig = {
  kernelName: 'SplitV',
  gradFunc: (dy, _saved, attrs) => ({
    x: () => concat(dy as Tensor[], axisOf(attrs, (dy as Tensor[])[0]?.shape.length ?? 0)),
  }),
};

const sliceGradient: GradConfig = {
  kernelName: 'Slice',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const { shape } = saved[0] as Tensor;
    const d = dy as Tensor;
    const begin = [(attrs as unknown as { begin: number | number[] }).begin].flat();
    const around = shape.map((side, axis): [number, number] => {
      const before = begin[axis] ?? 0;
      return [before, side - before - (d.shape[axis] as number)];
    });
    return { x: () => pad(d, around) };
  },
};

const pack: GradConfig = {
  kernelName: 'Pack',
  saveAllInputs: true,
  gradFunc: (dy, _saved, attrs) => {
    const pieces = unstack(dy as Tensor, (attrs as unknown as { axis: number }).axis);
    return Object.fromEntries(pieces.map((piece, index) => [index, () => piece]));
  },
};

const unpack: GradConfig = {
  kernelName: 'Unpack',
  gradFunc: (dy, _saved, attrs) => ({
    value: () => stack(dy as Tensor[], (attrs as unknown as { axis: number }).axis),
  }),
};

/** Of rows only: what an embedding table needs. */
const gatherGradient: GradConfig = {
  kernelName: 'GatherV2',
  inputsToSave: ['x', 'indices'],
  gradFunc: (dy, saved) => {
    const [x, indices] = saved as [Tensor, Tensor];
    const rest = x.shape.slice(1);
    const rows = () => reshape(dy as Tensor, [indices.size, ...rest]);
    const ids = () => reshape(cast(indices, 'int32'), [indices.size]) as Tensor1D;
    return {
      x: () => tidy(() => unsortedSegmentSum(rows(), ids(), x.shape[0] as number)),
      indices: () => zerosLike(cast(indices, 'float32')),
    };
  },
};

export const shapeGradients = [
  identity,
  castGradient,
  reshapeGradient,
  expandDims,
  transposeGradient,
  concatGradient,
  splitGradient,
  sliceGradient,
  pack,
  unpack,
  gatherGradient,
];

function axisOf(attrs: object, rank: number): number {
  const { axis } = attrs as { axis: number };
  return axis < 0 ? axis + rank : axis;
}
