// The kit under Node's own test runner, over the memory store.
import { describe, it } from "node:test";
import { checkThreadStore, memoryHarness } from "@threadstore/conformance";

checkThreadStore(memoryHarness, { describe, it });
