import pc from "picocolors";

/** A stream that text may be coloured for. */
export interface ColorTarget {
  readonly isTTY?: boolean;
}

/** Colours for a stream: only where a person looks at it, and not when NO_COLOR is set. @see https://no-color.org */
export function colorsFor(target: ColorTarget, environment: NodeJS.ProcessEnv = process.env) {
  return pc.createColors(target.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb");
}

export type Colors = ReturnType<typeof colorsFor>;

/** The colours of standard output. */
export const colors = colorsFor(process.stdout);
