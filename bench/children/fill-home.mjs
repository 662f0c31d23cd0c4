// Makes a home with the threads that `remote` lists.
import { mkdirSync } from "node:fs";
import { openLocalThreadStore } from "@threadstore/local";
import { fillStore } from "../remote/bench-threads.mjs";

const [home] = process.argv.slice(2);
mkdirSync(home);
const store = openLocalThreadStore({ home });
await fillStore(store);
await store[Symbol.asyncDispose]();
console.log("{}");
