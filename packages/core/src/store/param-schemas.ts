import { z } from "zod";
import type { AppendedItem } from "../protocol/rollout-item.js";
import { SOURCE_KINDS } from "../protocol/session-source.js";
import { isCanonicalThreadId, threadIdSchema } from "../protocol/thread-id.js";
import { invalidRequest } from "./errors.js";
import { instantSchema, sessionSourceSchema } from "./field-schemas.js";
import type { StoreLimits } from "./limits.js";
import { metadataPatchSchema } from "./metadata-patch.js";
import type { AppendItemsParams } from "./params.js";

/** A schema of the arguments of an operation, and what it gives when they are right. */
export type ParamSchema = z.ZodType;
export type ParsedParams<S extends ParamSchema> = z.output<S>;

/** Checks arguments at the edge. @throws `invalid_request` naming the operation, the field and what was found. */
export function parseParams<S extends ParamSchema>(operation: string, schema: S, params: unknown): ParsedParams<S> {
  if (isPlain(operation, params)) return params as ParsedParams<S>;
  const result = schema.safeParse(definedOnly(params));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join(".");
  throw invalidRequest(`${operation}: ${field ? `${field}: ` : ""}${issue?.message ?? "invalid arguments"}`);
}

/** The commonest calls, made for every item that an agent records: a canonical id, or that and items, nothing else. */
function isPlain(operation: string, params: unknown): boolean {
  if (operation === "flushThread") return typeof params === "string" && isCanonicalThreadId(params);
  if (operation !== "appendItems" || typeof params !== "object" || params === null) return false;
  const { threadId, items, ...others } = params as Partial<AppendItemsParams>;
  for (const _ in others) return false;
  return Array.isArray(items) && typeof threadId === "string" && isCanonicalThreadId(threadId);
}

/** A field spelled out as undefined is an absent one. Arrays are left alone: they hold items and plain values. */
function definedOnly(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (isFlat(value)) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([key, member]) => [key, definedOnly(member)]));
}

/** Most arguments are a flat object without anything undefined, and need no copy. */
function isFlat(value: object): boolean {
  for (const member of Object.values(value)) {
    if (member === undefined || (typeof member === "object" && member !== null && !Array.isArray(member))) return false;
  }
  return true;
}

export type ParamSchemas = ReturnType<typeof paramSchemas>;

/** The schemas of all parameters, within a store's limits. */
export function paramSchemas(limits: StoreLimits) {
  const fields = fieldSchemas(limits);
  const { thread, page, filter } = fields;
  const archivedThread = { ...thread, includeArchived: z.boolean().exactOptional() };
  return {
    threadId: threadIdSchema,
    thread: z.strictObject(thread),
    create: createSchema(),
    resume: z.strictObject({
      ...archivedThread,
      rolloutPath: z.string().exactOptional(),
      eventPersistenceMode: eventModeSchema.exactOptional(),
      takeOver: z.boolean().exactOptional(),
    }),
    append: z.strictObject({
      ...thread,
      items: z.array(z.custom<AppendedItem>()),
      idempotencyKey: z.string().min(1).max(limits.idempotencyKeyMaxCharacters).exactOptional(),
      expectedOrdinal: ordinalSchema.exactOptional(),
      updatedAt: instantSchema.exactOptional(),
    }),
    read: z.strictObject({ ...archivedThread, includeHistory: z.boolean().exactOptional() }),
    loadHistory: z.strictObject(archivedThread),
    readHistory: z.strictObject({
      ...archivedThread,
      from: ordinalSchema.exactOptional(),
      direction: directionSchema.exactOptional(),
      batchBytes: z.int().min(1).exactOptional(),
    }),
    list: listSchema(fields, limits),
    findByName: z.strictObject({
      ...filter,
      name: z.string(),
      includeArchived: z.boolean().exactOptional(),
      cwd: z.string().exactOptional(),
    }),
    update: z.strictObject({
      ...archivedThread,
      patch: metadataPatchSchema,
      expectedRevision: ordinalSchema.exactOptional(),
    }),
    revert: z.strictObject({ ...thread, endOrdinalExclusive: ordinalSchema }),
    edge: z.strictObject({ parentThreadId: threadIdSchema, childThreadId: threadIdSchema, status: edgeStatusSchema }),
    listEdges: z.strictObject({
      ...thread,
      recursive: z.boolean().exactOptional(),
      status: edgeStatusSchema.exactOptional(),
    }),
    edgeByPath: z.strictObject({ ...thread, recursive: z.boolean().exactOptional(), agentPath: z.string().min(1) }),
    resolvePath: z.strictObject({ path: z.string().min(1), includeArchived: z.boolean().exactOptional() }),
    readByPath: z.strictObject({
      rolloutPath: z.string().min(1),
      includeArchived: z.boolean().exactOptional(),
      includeHistory: z.boolean().exactOptional(),
    }),
    turns: z.strictObject({
      ...archivedThread,
      ...page,
      itemsView: z.enum(["notLoaded", "summary", "full"]).exactOptional(),
    }),
    items: z.strictObject({ ...archivedThread, ...page, turnId: z.string().exactOptional() }),
    readItems: z.strictObject({ ...thread, turnId: z.string(), itemIds: z.array(z.string()) }),
    search: z.strictObject({
      ...page,
      ...filter,
      searchTerm: fields.searchTerm,
      scopes: z
        .array(z.enum(["messages", "names", "tools", "reasoning"]))
        .min(1)
        .exactOptional(),
      sortKey: z.enum(["createdAt", "updatedAt", "recencyAt", "rank"]).exactOptional(),
      archived: z.union([z.boolean(), z.literal("both")]).exactOptional(),
      cwds: fields.cwds,
      updatedSince: instantSchema.exactOptional(),
      relation: fields.relation,
      scansMissing: z.boolean().exactOptional(),
      useIndexOnly: z.boolean().exactOptional(),
    }),
    occurrences: z.strictObject({
      ...archivedThread,
      searchTerm: fields.searchTerm,
      pageSize: page.pageSize,
      cursor: page.cursor,
    }),
    watch: z.strictObject({
      after: z.string().max(limits.cursorMaxCharacters).exactOptional(),
      bufferMax: z.int().min(1).max(limits.watchBufferMaxThreads).exactOptional(),
    }),
  };
}

const directionSchema = z.enum(["asc", "desc"]);
const edgeStatusSchema = z.enum(["open", "closed"]);
const eventModeSchema = z.enum(["limited", "extended"]);
const ordinalSchema = z.int().min(0);

function fieldSchemas(limits: StoreLimits) {
  const pageSizeMessage = (issue: { input: unknown }) =>
    `must be 1 to ${limits.pageMaxItems}, found ${JSON.stringify(issue.input)}`;
  return {
    thread: { threadId: threadIdSchema },
    page: {
      pageSize: z
        .int({ error: pageSizeMessage })
        .min(1, { error: pageSizeMessage })
        .max(limits.pageMaxItems, { error: pageSizeMessage })
        .exactOptional(),
      cursor: z.string().max(limits.cursorMaxCharacters).exactOptional(),
      sortDirection: directionSchema.exactOptional(),
    },
    filter: {
      sources: z.union([z.literal("all"), z.array(z.enum(SOURCE_KINDS))]).exactOptional(),
      modelProviders: z.array(z.string()).max(limits.filterMaxValues).nullable().exactOptional(),
    },
    searchTerm: z.string().max(limits.searchTermMaxCharacters),
    cwds: z.array(z.string()).max(limits.filterMaxValues).exactOptional(),
    relation: z
      .union([z.strictObject({ childrenOf: threadIdSchema }), z.strictObject({ descendantsOf: threadIdSchema })])
      .exactOptional(),
  };
}

function listSchema(
  { page, filter, searchTerm, cwds, relation }: ReturnType<typeof fieldSchemas>,
  limits: StoreLimits,
) {
  return z.strictObject({
    ...page,
    ...filter,
    sortKey: z.enum(["createdAt", "updatedAt", "recencyAt"]).exactOptional(),
    cwds,
    archived: z.boolean().exactOptional(),
    searchTerm: searchTerm.exactOptional(),
    relation,
    useIndexOnly: z.boolean().exactOptional(),
    neighbour: z
      .strictObject({
        sectionId: z.string().nullable().exactOptional(),
        projectId: z.string().nullable().exactOptional(),
        attachedTo: threadIdSchema.exactOptional(),
        includeAttached: z.boolean().exactOptional(),
        excludedThreadIds: z.array(threadIdSchema).max(limits.filterMaxValues).exactOptional(),
        sortBySection: z.boolean().exactOptional(),
      })
      .refine((neighbour) => !neighbour.sortBySection || typeof neighbour.sectionId === "string", {
        error: "sortBySection needs a sectionId",
      })
      .exactOptional(),
  });
}

function createSchema() {
  const text = z.string().exactOptional();
  const metadata = z.strictObject({
    cwd: text,
    originator: z.string(),
    cliVersion: z.string(),
    source: sessionSourceSchema,
    threadSource: text,
    modelProvider: z.string(),
    model: text,
    serviceTier: text,
    reasoningEffort: text,
    approvalMode: z.unknown().exactOptional(),
    sandboxPolicy: z.unknown().exactOptional(),
    permissionProfile: z.unknown().exactOptional(),
    baseInstructions: z.looseObject({ text: z.string() }).nullable().exactOptional(),
    dynamicTools: z.array(z.unknown()).exactOptional(),
    gitInfo: z.strictObject({ commitHash: text, branch: text, repositoryUrl: text }).exactOptional(),
    memoryMode: z.enum(["enabled", "disabled"]).exactOptional(),
    agentNickname: text,
    agentRole: text,
    agentPath: text,
    forkedFromId: threadIdSchema.exactOptional(),
  });
  return z.strictObject({
    threadId: threadIdSchema,
    sessionId: z.string().min(1).exactOptional(),
    metadata,
    historyMode: z.enum(["paginated", "legacy"]).exactOptional(),
    eventPersistenceMode: eventModeSchema.exactOptional(),
    fork: z.strictObject({ from: threadIdSchema, endOrdinalExclusive: ordinalSchema.exactOptional() }).exactOptional(),
    spawn: z.strictObject({ parentThreadId: threadIdSchema, status: edgeStatusSchema.exactOptional() }).exactOptional(),
  });
}
