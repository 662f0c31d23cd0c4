import { describe, expect, it } from "vitest";
import type { SessionSource, SourceKind } from "../protocol/session-source.js";
import type { StoredThread } from "../store/records.js";
import {
  comparableFolder,
  foldCase,
  isThreadListed,
  listedKinds,
  searchText,
  showsUnvisited,
  type ThreadFilter,
} from "./thread-filter.js";

const ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f708";
const OTHER_ID = "0199a3c4-5d6e-7f80-91a2-b3c4d5e6f709";
const EVERYTHING: ThreadFilter = { sources: "all", modelProviders: null, cwds: null, archived: false };
const SOURCES: Readonly<Record<string, SessionSource>> = {
  cli: "cli",
  vscode: "vscode",
  exec: "exec",
  appServer: "appServer",
  unknown: "unknown",
  custom: { custom: "atlas" },
  subAgentReview: { subAgent: "review" },
  subAgentCompact: { subAgent: "compact" },
  subAgentThreadSpawn: { subAgent: { thread_spawn: { parent_thread_id: OTHER_ID } } },
  subAgentOther: { subAgent: { other: "guardian" } },
};

describe("isThreadListed", () => {
  it("active and archived threads are never on one list", () => {
    const archived = { archivedAt: "2026-01-01T00:00:00.000Z" };
    expect(isListed({}, {})).toBe(true);
    expect(isListed({}, { archived: true })).toBe(false);
    expect(isListed(archived, {})).toBe(false);
    expect(isListed(archived, { archived: true })).toBe(true);
  });

  it.each(Object.keys(SOURCES))("the kind %s lists threads of that source only", (kind) => {
    expect(sourcesListedBy([kind as SourceKind])).toStrictEqual([kind]);
  });

  it("subAgent lists reviews and spawned agents", () => {
    expect(sourcesListedBy(["subAgent"])).toStrictEqual(["subAgentReview", "subAgentThreadSpawn"]);
  });

  it("several kinds list what each lists, none nothing, all everything", () => {
    expect(sourcesListedBy(["exec", "subAgent", "cli"])).toStrictEqual([
      "cli",
      "exec",
      "subAgentReview",
      "subAgentThreadSpawn",
    ]);
    expect(sourcesListedBy([])).toStrictEqual([]);
    expect(sourcesListedBy("all")).toStrictEqual(Object.keys(SOURCES));
  });

  it("providers are compared exactly; null lists all of them", () => {
    const listed = (modelProviders: ThreadFilter["modelProviders"]) =>
      isListed({ modelProvider: "openai" }, { modelProviders });
    expect(listed(null)).toBe(true);
    expect(listed(["other", "openai"])).toBe(true);
    expect(listed(["OpenAI", "open", ""])).toBe(false);
    expect(listed([])).toBe(false);
  });

  it("folders are compared exactly but for slashes at the end; an empty list names none", () => {
    const listed = (cwd: string, cwds: readonly string[]) => isListed({ cwd }, { cwds });
    expect(listed("/a/b", ["/a/b"])).toBe(true);
    expect(listed("/a/b", ["/x", "/a/b//"])).toBe(true);
    expect(listed("/a/b/", ["/a/b"])).toBe(true);
    expect(listed("/", ["/"])).toBe(true);
    expect(listed("", [""])).toBe(true);
    expect(listed("/a/b", ["/a", "/a/b/c", "/A/b", "a/b", ""])).toBe(false);
    expect(listed("/a/b", [])).toBe(false);
  });

  it("a search term stands in name, title or preview, in any letter case, every character for itself", () => {
    const named = { name: "Straße 100%", preview: "the_preview" };
    const found = (searchTerm: string) => isListed(named, { searchTerm }, { title: "A Title" });
    for (const term of ["straße", "STRA", "100%", "the_P", "a title", "TLE", "", " "]) {
      expect([term, found(term)]).toStrictEqual([term, true]);
    }
    for (const term of ["1%0", "the-preview", "_%_", "titles", "  "]) {
      expect([term, found(term)]).toStrictEqual([term, false]);
    }
  });

  it("a term does not run from the name on into the preview", () => {
    expect(isListed({ name: "one", preview: "two" }, { searchTerm: "onetwo" })).toBe(false);
  });

  it("a thread that no user wrote in shows among all sources, by relation and in its section only", () => {
    const unvisited = { preview: "", neighbour: { section: { id: "s", name: "", appearance: null } } };
    const listed = (filter: Partial<ThreadFilter>) => isListed(unvisited, filter, { related: [ID] });
    expect(listed({ sources: "all" })).toBe(true);
    expect(listed({ sources: ["cli"] })).toBe(false);
    expect(listed({ sources: ["cli"], relation: { childrenOf: OTHER_ID } })).toBe(true);
    expect(listed({ sources: ["cli"], neighbour: { sectionId: "s" } })).toBe(true);
    expect(listed({ sources: ["cli"], neighbour: { sectionId: null } })).toBe(false);
    expect(listed({ sources: ["cli"], neighbour: { projectId: null } })).toBe(false);
  });

  it("a relation lists the threads it stands for, within the other filters", () => {
    for (const relation of [{ childrenOf: OTHER_ID }, { descendantsOf: OTHER_ID }]) {
      expect(isListed({}, { relation }, { related: [ID] })).toBe(true);
      expect(isListed({}, { relation }, { related: [OTHER_ID] })).toBe(false);
      expect(isListed({}, { relation }, { related: [] })).toBe(false);
      expect(isListed({}, { relation })).toBe(false);
      expect(isListed({}, { relation, sources: ["exec"] }, { related: [ID] })).toBe(false);
      expect(isListed({}, { relation, archived: true }, { related: [ID] })).toBe(false);
    }
  });

  it("section and project are named by id; null names threads in none", () => {
    const placed = { neighbour: { section: { id: "s", name: "S", appearance: null }, projectId: "p" } };
    expect(isListed(placed, { neighbour: { sectionId: "s", projectId: "p" } })).toBe(true);
    expect(isListed(placed, { neighbour: { sectionId: "S" } })).toBe(false);
    expect(isListed(placed, { neighbour: { projectId: "q" } })).toBe(false);
    expect(isListed(placed, { neighbour: { sectionId: null } })).toBe(false);
    expect(isListed(placed, { neighbour: { projectId: null } })).toBe(false);
    expect(isListed({}, { neighbour: { sectionId: null, projectId: null } })).toBe(true);
    expect(isListed({}, { neighbour: { sectionId: "s" } })).toBe(false);
  });

  it("an attached thread shows where it is attached, or where attached ones were asked for", () => {
    const attached = { neighbour: { attachedToThreadId: OTHER_ID } };
    expect(isListed(attached, {})).toBe(false);
    expect(isListed(attached, { neighbour: { includeAttached: false } })).toBe(false);
    expect(isListed(attached, { neighbour: { includeAttached: true } })).toBe(true);
    expect(isListed(attached, { neighbour: { attachedTo: OTHER_ID } })).toBe(true);
    expect(isListed(attached, { neighbour: { attachedTo: ID } })).toBe(false);
    expect(isListed({}, { neighbour: { attachedTo: OTHER_ID } })).toBe(false);
    expect(isListed({}, { neighbour: { includeAttached: true } })).toBe(true);
  });

  it("excluded threads are left out", () => {
    expect(isListed({}, { neighbour: { excludedThreadIds: [OTHER_ID] } })).toBe(true);
    expect(isListed({}, { neighbour: { excludedThreadIds: [OTHER_ID, ID] } })).toBe(false);
    expect(isListed({}, { neighbour: { excludedThreadIds: [] } })).toBe(true);
  });
});

describe("what stores filter by", () => {
  it("the text of a search is name, title and preview in folded case", () => {
    expect(searchText(aThread({ name: "Name", preview: "Preview" }), "Title")).toBe("name\ntitle\npreview");
    expect(searchText(aThread({ preview: "ÄÖ" }), undefined)).toBe("\n\näö");
    expect(foldCase("ΑΣ Éa")).toBe(foldCase("ας éA"));
  });

  it("a folder is compared without slashes at its end", () => {
    const folders = ["/a", "/a/", "/a//", "/", "//", "", "a/b/", "/a\\"];
    expect(folders.map(comparableFolder)).toStrictEqual(["/a", "/a", "/a", "/", "/", "", "a/b", "/a\\"]);
  });

  it("the kinds of a list are specific ones, or null for all", () => {
    expect(listedKinds(EVERYTHING)).toBeNull();
    expect(listedKinds({ ...EVERYTHING, sources: ["subAgent", "cli"] })).toStrictEqual(
      new Set(["subAgentReview", "subAgentThreadSpawn", "cli"]),
    );
  });

  it("threads that no user wrote in are shown where they were asked for", () => {
    expect(showsUnvisited(EVERYTHING)).toBe(true);
    expect(showsUnvisited({ ...EVERYTHING, sources: ["cli"] })).toBe(false);
  });
});

interface Around {
  readonly title?: string;
  readonly related?: readonly string[];
}

function isListed(thread: Partial<StoredThread>, filter: Partial<ThreadFilter>, around: Around = {}): boolean {
  const { title, related } = around;
  const candidate = { thread: aThread(thread), ...(title === undefined ? {} : { title }) };
  return isThreadListed(candidate, { ...EVERYTHING, ...filter }, related && new Set(related));
}

function sourcesListedBy(sources: ThreadFilter["sources"]): string[] {
  return Object.keys(SOURCES).filter((kind) => isListed({ source: SOURCES[kind] as SessionSource }, { sources }));
}

function aThread(fields: Partial<StoredThread>): StoredThread {
  return {
    threadId: ID,
    revision: 0,
    historyMode: "paginated",
    sessionId: ID,
    preview: "preview",
    modelProvider: "provider",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    recencyAt: "2026-01-01T00:00:00.000Z",
    cwd: "/project",
    cliVersion: "1.0.0",
    source: "cli",
    approvalMode: null,
    sandboxPolicy: null,
    ...fields,
  };
}
