/** How `lowrank rank` chooses. */
export const rankMethods = ['even', 'layer', 'weights', 'activations', 'gradients', 'adaptive', 'probes'] as const;

export type RankMethod = (typeof rankMethods)[number];
