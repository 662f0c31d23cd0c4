import { APIError } from "openai";
import { describe, expect, it } from "vitest";
import { retryDelay } from "./retry-delay.js";

function delayTold(headers: Readonly<Record<string, string>>): number {
  return retryDelay(new APIError(429, {}, "slower", new Headers(headers)), 200);
}

describe("retryDelay", () => {
  it("is as long as the provider says", () => {
    expect([
      delayTold({ "retry-after": "2" }),
      delayTold({ "retry-after-ms": "30", "retry-after": "2" }),
      delayTold({ "retry-after": "0" }),
    ]).toStrictEqual([2_000, 30, 0]);
  });

  it("is its own where the provider says nothing, or nothing that helps", () => {
    const unhelpful = ["", "soon", "-1", "61", "Wed, 21 Oct 2026 07:28:00 GMT"];
    const delays = unhelpful.map((after) => delayTold({ "retry-after": after }));
    expect([delayTold({}), retryDelay(new Error("lost"), 200), ...delays]).toStrictEqual([
      200,
      200,
      ...unhelpful.map(() => 200),
    ]);
  });
});
