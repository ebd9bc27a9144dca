/** One key of a config file. */
export interface ConfigEntry {
  key: string;
  value: unknown;
  /** File and line, `lowrank.yaml:3`. */
  where: string;
}
