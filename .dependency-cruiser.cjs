// The import table of the design, as rules. Each row names all that a part may import; anything else is an error.
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

/** The folder of a package below packages/: integrations have one of their own. */
const FOLDER = "(integrations/[^/]+|[^/]+)";
const ENTRIES = `^packages/${FOLDER}/src/(index|driver)[.]ts$`;
const CORE_ENTRIES = "^packages/core/src/(index|driver)[.]ts$";
const RUNTIME_ENTRY = "^packages/runtime/src/index[.]ts$";
const TESTS = ["[.]test[.]ts$", `^packages/${FOLDER}/test/`, "^test/"];
// Built-ins are resolved without their prefix ("fs/promises"), npm packages to a file below node_modules.
const BUILT_INS = `^((node:)?(${require("node:module").builtinModules.join("|")})|node:test)$`;

const CORE_FOLDERS = {
  protocol: [npm("zod"), npm("uuidv7")],
  store: [coreFolder("protocol"), npm("zod")],
  rules: [coreFolder("protocol"), coreFolder("store")],
  fold: [coreFolder("protocol"), coreFolder("store"), coreFolder("rules")],
  search: [coreFolder("protocol")],
  driver: [coreFolder("protocol"), coreFolder("store"), coreFolder("rules"), coreFolder("fold"), coreFolder("search")],
  live: [coreFolder("protocol"), coreFolder("store"), coreFolder("rules"), coreFolder("fold")],
  memory: [
    coreFolder("protocol"),
    coreFolder("store"),
    coreFolder("rules"),
    coreFolder("fold"),
    coreFolder("search"),
    coreFolder("driver"),
  ],
};

const PACKAGES = {
  core: [npm("zod"), npm("uuidv7")],
  "codex-wire": [CORE_ENTRIES],
  runtime: [CORE_ENTRIES],
  local: [CORE_ENTRIES, BUILT_INS, ...dependenciesOf("local")],
  remote: [CORE_ENTRIES, BUILT_INS, ...dependenciesOf("remote")],
  ...Object.fromEntries(integrations().map((name) => [name, integrationImports(name)])),
  conformance: [CORE_ENTRIES, BUILT_INS, npm("fast-check")],
  cli: [ENTRIES, BUILT_INS, ...dependenciesOf("cli")],
};

const TEST_IMPORTS = [ENTRIES, BUILT_INS, npm("vitest"), npm("fast-check"), npm("selfsigned"), "^test/"];

/** The rooms of a package, from the ground up; each may import those before it. */
const ROOMS = {
  local: [
    "file-system",
    "locks",
    "rollout",
    "log",
    "journal",
    "writer",
    "neighbour",
    "index",
    "turns",
    "search",
    "watch",
    "operations",
    "care",
  ],
  remote: ["gen", "grpc", "codex-v1", "client", "server"],
  runtime: ["context", "turn", "agent", "thread", "manager"],
  "integrations/responses-agent": ["tool", "model", "conversation"],
};

function npm(name) {
  return `(^|/)node_modules/${name}/`;
}

function coreFolder(name) {
  return `^packages/core/src/${name}/`;
}

function integrations() {
  return readdirSync(join(__dirname, "packages", "integrations")).map((name) => `integrations/${name}`);
}

/** An integration knows the entries that it builds on, and the SDK that it is for. */
function integrationImports(name) {
  return [CORE_ENTRIES, RUNTIME_ENTRY, ...dependenciesOf(name)];
}

/** The npm packages a package declares; workspace packages are left out, because the table names those itself. */
function dependenciesOf(name) {
  const manifest = JSON.parse(readFileSync(join(__dirname, "packages", name, "package.json"), "utf8"));
  const names = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  return names.filter((dependency) => !dependency.startsWith("@threadstore/")).map(npm);
}

function onlyImports({ name, comment, from, fromNot = [], to }) {
  return { name, comment, severity: "error", from: { path: from, pathNot: fromNot }, to: { pathNot: to } };
}

function coreFolderRule([folder, allowed]) {
  return onlyImports({
    name: `core-${folder}`,
    comment: `core/${folder} imports only itself and what the import table lists for it.`,
    from: coreFolder(folder),
    fromNot: TESTS,
    to: [coreFolder(folder), ...allowed],
  });
}

function packageRule([name, allowed]) {
  return onlyImports({
    name: `package-${name}`,
    comment: `packages/${name} imports only itself and what the import table lists for it.`,
    from: `^packages/${name}/src/`,
    fromNot: TESTS,
    to: [`^packages/${name}/src/`, ...allowed],
  });
}

function roomRules([name, rooms]) {
  return rooms.slice(0, -1).map((room, at) => ({
    name: `${name}-${room}`,
    comment: `${name}/${room} imports only the rooms below it.`,
    severity: "error",
    from: { path: `^packages/${name}/src/${room}/`, pathNot: TESTS },
    to: { path: `^packages/${name}/src/(${rooms.slice(at + 1).join("|")})/` },
  }));
}

/** Random histories, with which every package can prove that it agrees with the folds. */
const CORE_TEST_SUPPORT = "^packages/core/test/support/";

function packageTestRule(name) {
  return onlyImports({
    name: `tests-${name}`,
    comment:
      "A test imports its own package, what that package declares, package entries, vitest, fast-check, built-ins.",
    from: [`^packages/${name}/src/.*[.]test[.]ts$`, `^packages/${name}/test/`],
    to: [`^packages/${name}/(src|test)/`, CORE_TEST_SUPPORT, ...TEST_IMPORTS, ...dependenciesOf(name)],
  });
}

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      comment: "Files that import one another cannot be read or changed apart. Type-only imports count.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "An import must lead to a file: a path inside a package that is not one of its entries does not.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "entries-by-name",
      comment: "Another package is imported by its name (@threadstore/x), never by a path to its files.",
      severity: "error",
      from: { path: `^packages/${FOLDER}/` },
      to: { path: "^packages/(?!$1/)", pathNot: CORE_TEST_SUPPORT, dependencyTypesNot: ["aliased"] },
    },
    {
      name: "entries-by-name-outside",
      comment: "Tests, bench, examples and scripts import packages by name too.",
      severity: "error",
      from: { pathNot: "^packages/" },
      to: { path: "^packages/", dependencyTypesNot: ["aliased"] },
    },
    {
      name: "own-files-by-path",
      comment: "Inside a package files import one another by path; its own name would pull in the whole entry.",
      severity: "error",
      from: { path: `^packages/${FOLDER}/src/`, pathNot: TESTS },
      to: { path: "^packages/$1/(src|dist)/", dependencyTypes: ["aliased"] },
    },
    {
      name: "sources-never-import-tests",
      comment: "Tests are not packed.",
      severity: "error",
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: "core-folder-in-table",
      comment: "A new folder of core needs a row in CORE_FOLDERS first.",
      severity: "error",
      from: { path: "^packages/core/src/[^/]+/", pathNot: [...TESTS, ...Object.keys(CORE_FOLDERS).map(coreFolder)] },
      to: {},
    },
    {
      name: "package-in-table",
      comment: "A new package needs a row in PACKAGES first.",
      severity: "error",
      from: { path: "^packages/", pathNot: `^packages/(${Object.keys(PACKAGES).join("|")})/` },
      to: {},
    },
    ...Object.entries(CORE_FOLDERS).map(coreFolderRule),
    ...Object.entries(PACKAGES).map(packageRule),
    ...Object.entries(ROOMS).flatMap(roomRules),
    ...Object.keys(PACKAGES).map(packageTestRule),
    onlyImports({
      name: "tests-of-the-whole",
      comment: "Tests at the root see packages as a user does: by their entries.",
      from: "^test/",
      to: TEST_IMPORTS,
    }),
    onlyImports({
      name: "bench-and-examples",
      comment: "Bench and examples use packages as a user does: by their entries.",
      from: "^(bench|examples)/",
      to: ["^(bench|examples)/", ENTRIES, BUILT_INS, npm("@bokuweb/zstd-wasm")],
    }),
    onlyImports({
      name: "bins",
      comment: "A bin starts its own package, nothing more.",
      from: `^packages/${FOLDER}/bin/`,
      to: "^packages/$1/(dist|bundle)/",
    }),
    onlyImports({
      name: "ensure-built-alone",
      comment: "It runs before anything is installed.",
      from: "^scripts/ensure-built[.]mjs$",
      to: BUILT_INS,
    }),
  ],
  options: {
    doNotFollow: { path: ["node_modules", `^packages/${FOLDER}/dist/`] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.tests.json" },
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "node", "default"] },
  },
};
