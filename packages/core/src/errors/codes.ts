/** Every code a `LowrankError` may carry, with what it means. The docs' table is made from this. */
export const errorCodes = {
  'adapter-busy': 'an adapter is merged, in training or in use, and must not change now',
  'adapter-exists': 'an adapter of that name is already on the model',
  'adapter-mismatch': 'an adapter file and the model or its own config disagree',
  'adapter-unknown': 'no adapter of that name is on the model',
  'backend-unavailable': 'a backend cannot run here',
  'checkpoint-mismatch': 'a checkpoint belongs to another run',
  'config-invalid': 'a configuration value breaks its rule',
  'config-unsupported': 'a configuration asks for what lowrank does not do',
  'data-invalid': 'a line or file of training data cannot be used',
  'device-fault': 'a graphics card refused work that it was given',
  'device-lost': 'a graphics card went away, with all that was on it',
  'dtype-unsupported': 'a tensor has a dtype that an op does not take',
  'file-invalid': 'a file is damaged or lies about itself',
  'file-missing': 'a file or folder is not there',
  'file-unwritable': 'a file or folder cannot be written',
  'host-changed': 'a module of the model was replaced by someone else',
  'hub-refused': 'the model hub does not give what is asked for',
  'hub-unreachable': 'the model hub cannot be reached, or fails',
  'model-unsupported': 'a model is of a family or shape that lowrank does not load',
  'not-finite': 'a number that must be finite is not',
  'not-training': 'training runs but some adapter does not learn',
  'out-of-memory': 'a tensor or a step does not fit into the memory there is',
  'shape-mismatch': 'tensors do not fit each other',
  'target-not-found': 'a target names no module of the model',
} as const;

export type ErrorCode = keyof typeof errorCodes;
