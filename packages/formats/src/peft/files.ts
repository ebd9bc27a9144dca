/** The two files that make a PEFT adapter folder. */
export const configFile = 'adapter_config.json';
export const weightsFile = 'adapter_model.safetensors';
