import { expect, it } from "vitest";
import { newGate } from "../../../../test/support/gate.js";
import { OperationQueue } from "./operation-queue.js";

it("operations run one after another, in the order in which they were asked for", async () => {
  const queue = new OperationQueue();
  const gate = newGate();
  const done: string[] = [];
  const slow = queue.run(async () => {
    await gate.opened;
    done.push("slow");
  });
  const quick = queue.run(async () => done.push("quick"));
  gate.open();
  await Promise.all([slow, quick]);
  expect(done).toStrictEqual(["slow", "quick"]);
});

it("one that fails is told to its caller alone", async () => {
  const queue = new OperationQueue();
  const failed = queue.run(() => Promise.reject(new Error("no")));
  const next = queue.run(async () => "next");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("next");
});
