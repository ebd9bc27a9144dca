/** What a model is trained for. */
export const tasks = ['generate', 'classify'] as const;

export type Task = (typeof tasks)[number];
