/** The backends that the command line brings. */
export const backendNames = ['node', 'wasm', 'webgpu'] as const;

export type BackendName = (typeof backendNames)[number];

/** What `--backend` takes. */
export const backendChoices = ['auto', ...backendNames] as const;

export type BackendChoice = (typeof backendChoices)[number];

/** What `auto` tries, in this order. A graphics card is used only where it is asked for: it may be a slow stand-in. */
export const automatic: readonly BackendName[] = ['node', 'wasm'];
