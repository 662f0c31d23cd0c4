// A process that lists every thread of a home and sends their ids.
import { openLocalThreadStore } from "@threadstore/local";

const store = openLocalThreadStore({ home: process.argv[2] });
const page = await store.listThreads({ sources: "all", pageSize: 1000 });
process.send(page.data.map((thread) => thread.threadId));
await store[Symbol.asyncDispose]();
process.disconnect();
