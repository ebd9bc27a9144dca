/** Puts a property on an object over what it inherits or has, and gives a function that takes it off again exactly. */
export function ownProperty(on: object, name: string, descriptor: PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(on, name);
  Object.defineProperty(on, name, { ...descriptor, configurable: true });
  return () => {
    delete (on as Record<string, unknown>)[name];
    if (before) Object.defineProperty(on, name, before);
  };
}
