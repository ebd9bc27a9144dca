import { util } from '@tensorflow/tfjs-core';
import { executeShaped } from './execute-shaped.js';
import { tensorflow, type TensorData } from './tensorflow.js';

/**
 * Lets tensors of different shapes share one set of values: where an operation reads one whose shape is not that of
 * TensorFlow's own tensor, it gets a view of it, which lives as long as the values.
 */
export function installViews(): void {
  const backend = tensorflow();
  const [idsOf, disposeData] = [backend.getInputTensorIds.bind(backend), backend.disposeData.bind(backend)];

  backend.getInputTensorIds = (tensors) => {
    const ids = idsOf(tensors);
    tensors.forEach(({ dataId, shape }, index) => {
      const data = dataId && backend.tensorMap.get(dataId);
      if (data && !util.arraysEqual(data.shape, shape)) ids[index] = viewOf(data, ids[index] as number, shape);
    });
    return ids;
  };

  backend.disposeData = (dataId, force) => {
    const views = backend.tensorMap.has(dataId) ? backend.tensorMap.get(dataId).views : undefined;
    const gone = disposeData(dataId, force);
    if (gone) views?.forEach((id) => backend.binding.deleteTensor(id));
    return gone;
  };
}

function viewOf(data: TensorData, id: number, shape: number[]): number {
  const key = shape.join();
  data.views ??= new Map();
  const view = data.views.get(key) ?? executeShaped('Reshape', id, data.dtype, shape).id;
  data.views.set(key, view);
  return view;
}
