/** The two files that make a PEFT adapter folder. */
export const configFile = 'adapter_config.json';
export const weightsFile = 'adapter_model.safetensors';

/** What PEFT puts before a path: its wrapper and the wrapper's model. */
export const prefix = 'base_model.model.';
