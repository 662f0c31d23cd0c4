// Counts the bytes of requests and of their answers: those of the second call of each kind, because a page begins with a
// cursor then.
import { openRemoteThreadStore, serveRemote } from "@threadstore/remote";
import { CALLERS, openBenchStore } from "../remote/bench-threads.mjs";
import { countCallBytes } from "../remote/count-call-bytes.mjs";

const bytesOfLastCall = countCallBytes();
const store = await openBenchStore({ where: "memory", isListed: true });
const server = await serveRemote({ stores: { forTenant: async () => store }, host: "127.0.0.1", port: 0 });
const client = openRemoteThreadStore({ protocol: "codex.v1", endpoint: `grpc://127.0.0.1:${server.port}` });
const sizes = {};
for (const work of ["append", "page"]) {
  const call = await CALLERS[work](client, { hasKeys: false });
  await call();
  await call();
  sizes[work] = bytesOfLastCall();
}
console.log(JSON.stringify(sizes));
await client[Symbol.asyncDispose]();
server.stop();
