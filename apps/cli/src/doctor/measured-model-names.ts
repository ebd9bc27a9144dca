/** The models that are measured; their definitions need tfjs, and are loaded only where they run. */
export const measuredModelNames = ['decoder', 'encoder'] as const;

export type MeasuredModelName = (typeof measuredModelNames)[number];
