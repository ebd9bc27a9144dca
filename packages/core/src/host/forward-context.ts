/** What a forward pass must know besides its input. Absent means evaluation. */
export interface ForwardContext {
  /** Dropout acts only when true. */
  training: boolean;
  /** Makes every random choice of this pass; the same seed gives the same masks. */
  seed: number;
}
