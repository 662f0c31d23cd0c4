import { type ThreadStore, ThreadStoreError, type ThreadStoreErrorCode } from "@threadstore/core";

type Operation = keyof ThreadStore & string;

/** What becomes of a call: it is made by `proceed`, now, later, or never. */
export type Interception = (proceed: () => Promise<unknown>, params: unknown) => Promise<unknown>;

/** These answer at once or in pieces. */
const PASSED_ON: ReadonlySet<string> = new Set<Operation>(["readHistory", "watchThreads", "supportsLegacyPath"]);

/** A real store whose calls are recorded, and can be held up or made to fail. */
export class InterceptedStore {
  /** The store to give to the code under test. */
  readonly store: ThreadStore;
  /** Every call by name, in order. */
  readonly calls: string[] = [];
  readonly #interceptions = new Map<string, Interception>();

  constructor(real: ThreadStore, overrides: Partial<Pick<ThreadStore, "capabilities">> = {}) {
    this.store = new Proxy(real, {
      get: (_target, name) => {
        const member: unknown = Reflect.get(name in overrides ? overrides : real, name);
        if (typeof member !== "function" || typeof name === "symbol") return member;
        if (PASSED_ON.has(name)) return member.bind(real);
        return (...args: readonly unknown[]) => this.#call(name, () => member.apply(real, args), args[0]);
      },
    });
  }

  /** Sets what becomes of the calls of an operation from now on. */
  intercept(operation: Operation, interception: Interception): void {
    this.#interceptions.set(operation, interception);
  }

  /** Makes the calls of an operation fail from now on. */
  fail(operation: Operation, code: ThreadStoreErrorCode = "unavailable"): void {
    this.intercept(operation, () => Promise.reject(new ThreadStoreError(code, "made to fail")));
  }

  /** Lets the calls of an operation reach the store again. */
  mend(operation: Operation): void {
    this.#interceptions.delete(operation);
  }

  async #call(operation: string, call: () => unknown, params: unknown): Promise<unknown> {
    this.calls.push(operation);
    const proceed = async () => call();
    return this.#interceptions.get(operation)?.(proceed, params) ?? proceed();
  }
}
