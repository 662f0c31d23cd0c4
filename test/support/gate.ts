/** Something that a test lets happen. */
export interface Gate {
  /** Resolves when it is open. */
  readonly opened: Promise<void>;
  open(): void;
}

export function newGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A promise that is never settled. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
