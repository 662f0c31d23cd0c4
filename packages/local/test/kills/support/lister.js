// A process that lists a home when it is told, and reports how long that took.
import { openLocalThreadStore } from "@threadstore/local";
import { report, told } from "../../support/report.js";

report({ type: "ready" });
await told();
const store = openLocalThreadStore({ home: process.argv[2] });
report({ type: "begun" });
const startMs = performance.now();
const { data } = await store.listThreads({ sources: "all", pageSize: 1_000 });
report({ type: "listed", threads: data.length, ms: performance.now() - startMs });
await store[Symbol.asyncDispose]();
process.disconnect();
