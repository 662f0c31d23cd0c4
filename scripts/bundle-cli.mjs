// Puts the command and all that it imports into a few files: loading hundreds of modules takes longer than most commands.
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const path = (relative) => fileURLToPath(new URL(`../packages/${relative}`, import.meta.url));

/** These load files that lie beside them. */
const EXTERNAL = [
  "@photostructure/sqlite",
  "koffi",
  "@bokuweb/zstd-wasm",
  "@threadstore/remote",
  "@threadstore/responses-agent",
  "pino",
  "prom-client",
];

const bundle = await rolldown({
  input: {
    index: path("cli/dist/index.js"),
    // A worker finds its module beside the one that starts it.
    "operations/run-fold-worker": path("local/dist/operations/run-fold-worker.js"),
  },
  platform: "node",
  external: EXTERNAL,
});
await bundle.write({
  dir: path("cli/bundle"),
  format: "esm",
  chunkFileNames: "[name].js",
  minify: { compress: true, mangle: false, codegen: true },
  cleanDir: true,
});
await bundle.close();
