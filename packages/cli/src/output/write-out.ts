import { once } from "node:events";

/** Writes to standard output, and waits while a slow reader catches up. */
export async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Writes to standard error, and waits while a slow reader catches up. */
export async function writeNote(text: string): Promise<void> {
  if (!process.stderr.write(text)) await once(process.stderr, "drain");
}
