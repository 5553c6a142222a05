/**
 * Replaces the package `cls-hooked`, which the X-Ray SDK needs, in the functions' bundles. A Lambda process handles
 * one invocation at a time, so the trace context is the same everywhere and one set of values is enough. `cls-hooked`
 * follows every promise with async hooks and takes a tenth of the workers' CPU time (docs/benchmarks.md).
 */
export interface TraceContext {
  get(key: string): unknown;
  set(key: string, value: unknown): unknown;
  run(callback: (context: object) => void): object;
  bind<F>(callback: F): F;
  createContext(): object;
  enter(context: object): void;
  exit(context: object): void;
}

const namespaces = new Map<string, TraceContext>();

export function createNamespace(name: string): TraceContext {
  const values = new Map<string, unknown>();
  const context = {};
  const namespace: TraceContext = {
    get: (key) => values.get(key),
    set(key, value) {
      values.set(key, value);
      return value;
    },
    run(callback) {
      callback(context);
      return context;
    },
    bind: (callback) => callback,
    createContext: () => context,
    enter: () => undefined,
    exit: () => undefined,
  };
  namespaces.set(name, namespace);
  return namespace;
}

export function getNamespace(name: string): TraceContext | undefined {
  return namespaces.get(name);
}

export function destroyNamespace(name: string): void {
  namespaces.delete(name);
}
