/**
 * What the X-Ray SDK asks of the package `cls-hooked`, for a process that works on one invocation at a time, as Lambda's
 * do: the context of a trace is then the same wherever it is asked for, so it is one set of values. The bundles of the
 * functions have this module in that package's place. The package follows every promise with hooks of Node.js, which
 * takes a tenth of the workers' processor time (docs/benchmarks.md).
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
