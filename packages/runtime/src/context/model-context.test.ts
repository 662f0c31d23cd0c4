import { openMemoryThreadStore, type RolloutItem, type ThreadStore } from "@threadstore/core";
import { beforeEach, describe, expect, it } from "vitest";
import { loadModelContext } from "./model-context.js";

const ID = "01900000-0000-7000-8000-000000000001";
const METADATA = {
  cwd: "/project",
  originator: "test",
  cliVersion: "0",
  source: "cli",
  modelProvider: "fake",
} as const;

let store: ThreadStore;

beforeEach(async () => {
  store = openMemoryThreadStore();
  await store.createThread({ threadId: ID, metadata: METADATA, historyMode: "legacy" });
  await store.persistThread(ID);
});

function message(role: string, text: string): RolloutItem {
  return { type: "response_item", payload: { type: "message", role, content: [{ type: "input_text", text }] } };
}

const user = (text: string) => message("user", text);
const agent = (text: string) => message("assistant", text);

function response(type: string, fields: object = {}): RolloutItem {
  return { type: "response_item", payload: { type, ...fields } };
}

function rollback(num_turns: number): RolloutItem {
  return { type: "event_msg", payload: { type: "thread_rolled_back", num_turns } };
}

function compacted(fields: object): RolloutItem {
  return { type: "compacted", payload: fields };
}

function settings(model: string): RolloutItem {
  return { type: "turn_context", payload: { cwd: "/project", model } };
}

/** What is told of a thread of these items: texts of messages, kinds of others. */
async function told(...items: readonly RolloutItem[]): Promise<unknown[]> {
  await store.appendItems({ threadId: ID, items });
  const context = await loadModelContext(store, { threadId: ID });
  return context.items.map((item) => {
    const [part] = (item.content ?? []) as readonly { readonly text: string }[];
    return part?.text ?? [item.type, item.call_id, item.output].filter((one) => one !== undefined).join(" ");
  });
}

describe("loadModelContext", () => {
  it("of a thread without items is empty", async () => {
    expect(await loadModelContext(store, { threadId: ID })).toStrictEqual({ items: [] });
  });

  it("of an unknown thread is thread_not_found", async () => {
    const unknown = loadModelContext(store, { threadId: "01900000-0000-7000-8000-000000000002" });
    await expect(unknown).rejects.toMatchObject({ code: "thread_not_found" });
  });

  it("tells response items in order, and the settings of the last turn", async () => {
    const items = [settings("first"), user("one"), agent("two"), settings("last"), user("three")];
    expect(await told(...items)).toStrictEqual(["one", "two", "three"]);
    expect((await loadModelContext(store, { threadId: ID })).turnContext).toMatchObject({ model: "last" });
  });

  it("tells neither events nor kinds that no model takes", async () => {
    const event = { type: "event_msg", payload: { type: "user_message", message: "one" } };
    const kinds = ["ghost_snapshot", "compaction_trigger", "other", "agent_message", "of_later_times"];
    expect(await told(event, user("one"), ...kinds.map((kind) => response(kind)))).toStrictEqual(["one"]);
  });
});

describe("calls", () => {
  it("that were never answered have the output `aborted`, beside them", async () => {
    const calls = [
      response("function_call", { call_id: "a" }),
      response("custom_tool_call", { call_id: "b" }),
      response("local_shell_call", { call_id: "c" }),
      response("function_call", { call_id: "d" }),
      response("function_call_output", { call_id: "d", output: "done" }),
    ];
    expect(await told(...calls)).toStrictEqual([
      "function_call a",
      "function_call_output a aborted",
      "custom_tool_call b",
      "custom_tool_call_output b aborted",
      "local_shell_call c",
      "function_call_output c aborted",
      "function_call d",
      "function_call_output d done",
    ]);
  });

  it("leave no output behind that is not of one of them", async () => {
    const output = response("function_call_output", { call_id: "a", output: "late" });
    expect(await told(output, response("custom_tool_call", { call_id: "a" }))).toStrictEqual([
      "custom_tool_call a",
      "custom_tool_call_output a aborted",
    ]);
  });
});

describe("compactions", () => {
  const replacement_history = [user("summary"), response("other")].map(({ payload }) => payload);

  it("replace what came before them", async () => {
    const items = [settings("m"), user("one"), compacted({ replacement_history }), user("two")];
    expect(await told(...items)).toStrictEqual(["summary", "two"]);
  });

  it("of older times leave what users said, and add their summary", async () => {
    const context = user("<environment_context>here</environment_context>");
    const items = [context, user("one"), agent("two"), compacted({ message: "in short" }), agent("three")];
    expect(await told(...items)).toStrictEqual(["one", "in short", "three"]);
  });

  it("are the first thing that is read, whatever came before them", async () => {
    const many = Array.from({ length: 5_000 }, (_, number) => user(`message ${number}`));
    await store.appendItems({ threadId: ID, items: [...many, settings("m")] });
    expect(await told(compacted({ replacement_history }), settings("last"), user("two"))).toStrictEqual([
      "summary",
      "two",
    ]);
    let read = 0;
    const counting = {
      ...store,
      async *readHistory(...query: Parameters<ThreadStore["readHistory"]>) {
        for await (const batch of store.readHistory({ ...query[0], batchBytes: 1_000 })) {
          read += batch.items.length;
          yield batch;
        }
      },
    } as ThreadStore;
    await loadModelContext(counting, { threadId: ID });
    expect(read).toBeLessThan(100);
  });
});

describe("rollbacks", () => {
  it("take back the last turns of users, with all that followed", async () => {
    const context = user("<environment_context>here</environment_context>");
    const items = [context, user("one"), agent("1"), user("two"), agent("2"), user("three"), rollback(2), user("four")];
    expect((await told(...items)).slice(1)).toStrictEqual(["one", "1", "four"]);
  });

  it("of more turns than there are leave what came before the first", async () => {
    expect(await told(message("developer", "be brief"), user("one"), rollback(9))).toStrictEqual(["be brief"]);
  });

  it("of no turns take nothing back", async () => {
    expect(await told(user("one"), rollback(0))).toStrictEqual(["one"]);
  });

  it("go back behind a compaction too", async () => {
    const replacement_history = [user("one"), user("two")].map(({ payload }) => payload);
    const items = [settings("m"), user("zero"), compacted({ replacement_history }), user("three"), rollback(2)];
    expect(await told(...items)).toStrictEqual(["one"]);
  });
});
