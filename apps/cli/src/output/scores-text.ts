import type { ClassScores } from '@lowrank/trainer';

/** A classifier's scores for people: `accuracy 96.47 %, macro F1 95.70 %`. */
export function scoresText({ accuracy, macroF1 }: ClassScores): string {
  return `accuracy ${percentText(accuracy)}, macro F1 ${percentText(macroF1)}`;
}

/** A share for people: `96.47 %`. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
