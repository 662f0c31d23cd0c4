import { checkThreadStore } from "@threadstore/conformance";
import { describe, it } from "vitest";
import { localHarness } from "./support/local-harness.js";

checkThreadStore(localHarness, { describe, it });
