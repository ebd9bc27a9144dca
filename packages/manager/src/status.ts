/** What is on a model. */
export interface ManagerStatus {
  active: string | undefined;
  /** Whether the active adapter is merged. */
  merged: boolean;
  adapters: AdapterStatus[];
}

export interface AdapterStatus {
  name: string;
  rank: number;
  alpha: number;
  /** Paths of the adapted modules, in forward order. */
  modules: string[];
  /** Values of all its A and B. */
  parameters: number;
}
