import { Option } from 'commander';

/** An option whose value is told to nobody. */
export class SecretOption extends Option {}
