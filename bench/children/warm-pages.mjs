// Times pages of a home whose index is up to date, in every order and direction: the first page and the one after it.
import { openLocalThreadStore } from "@threadstore/local";
import { medianTimeMs } from "../measure/median-time.mjs";
import { peakMemoryMb } from "../measure/peak-memory.mjs";

const [home] = process.argv.slice(2);
const store = openLocalThreadStore({ home });
const timesMs = {};
for (const sortKey of ["createdAt", "updatedAt", "recencyAt"]) {
  for (const sortDirection of ["asc", "desc"]) {
    const query = { pageSize: 50, sortKey, sortDirection, useIndexOnly: true };
    const { nextCursor: cursor } = await store.listThreads(query);
    timesMs[`${sortKey} ${sortDirection}, first page`] = await timePage(query);
    timesMs[`${sortKey} ${sortDirection}, second page`] = await timePage({ ...query, cursor });
  }
}
const memoryMb = peakMemoryMb();
// The least that a page costs: it is kept as text and answered as objects.
const text = JSON.stringify((await store.listThreads({ pageSize: 50, useIndexOnly: true })).data);
const parseMs = await medianTimeMs(() => JSON.parse(text));
await store[Symbol.asyncDispose]();
console.log(JSON.stringify({ timesMs, parseMs, memoryMb }));

function timePage(query) {
  return medianTimeMs(() => store.listThreads(query));
}
