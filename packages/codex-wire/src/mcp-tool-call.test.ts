import { describe, expect, it } from "vitest";
import { toApiThreadItem } from "./thread-item.js";

// What the real server made of such records, in threads of both modes.
const SHOWN = {
  type: "mcpToolCall",
  id: "call",
  server: "s",
  tool: "t",
  status: "completed",
  arguments: { a_b: 1 },
  appContext: null,
  mcpAppUi: null,
  pluginId: null,
  readOnlyHint: null,
  result: null,
  error: null,
  durationMs: 1005,
  startedAtMs: null,
  completedAtMs: null,
};
const TEXT = { type: "text", text: "hello", a_b: 1 };
const TEXT_SHOWN = { content: [TEXT], structuredContent: null, _meta: null };
const EMPTY_SHOWN = { content: [], structuredContent: null, _meta: null };
const CALLED = { server: "s", tool: "t", arguments: { a_b: 1 } };
const APP_SHOWN = {
  appContext: { connectorId: "c", linkId: "l", resourceUri: "ui://r", appName: null, actionName: null },
  mcpAppResourceUri: "ui://r",
  pluginId: "p",
  readOnlyHint: true,
  result: EMPTY_SHOWN,
};

describe("an MCP tool call", () => {
  it.each([
    [{ status: "completed", result: { content: [TEXT] }, error: null }, { result: TEXT_SHOWN }],
    [
      { status: "completed", result: { content: [], structuredContent: { x_y: 1 }, _meta: { m_n: 1 } } },
      { result: { content: [], structuredContent: { x_y: 1 }, _meta: { m_n: 1 } } },
    ],
    [
      { status: "failed", result: null, error: { message: "boom" } },
      { status: "failed", error: { message: "boom" } },
    ],
    [
      { status: "inProgress", duration: null },
      { status: "inProgress", durationMs: null },
    ],
    [
      {
        status: "completed",
        connectorId: "c",
        linkId: "l",
        mcpAppResourceUri: "ui://r",
        pluginId: "p",
        readOnlyHint: true,
        result: { content: [] },
      },
      APP_SHOWN,
    ],
  ])("of a paginated thread: %j", (fields, expected) => {
    expect(shown({ ...CALLED, ...fields })).toEqual({ ...SHOWN, ...expected });
  });

  it.each([
    [{ result: { Ok: { content: [TEXT], isError: false } } }, { result: TEXT_SHOWN }],
    [{ result: { Ok: { content: [TEXT], isError: true } } }, { status: "failed", result: TEXT_SHOWN }],
    [{ result: { Err: "boom" } }, { status: "failed", error: { message: "boom" } }],
    [
      { invocation: { server: "s", tool: "t" }, result: { Ok: { content: [] } } },
      { arguments: null, result: EMPTY_SHOWN },
    ],
    [
      {
        connector_id: "c",
        link_id: "l",
        mcp_app_resource_uri: "ui://r",
        plugin_id: "p",
        read_only_hint: true,
        result: { Ok: { content: [] } },
      },
      APP_SHOWN,
    ],
  ])("of a legacy thread: %j", (fields, expected) => {
    expect(shown({ invocation: CALLED, ...fields })).toEqual({ ...SHOWN, ...expected });
  });
});

function shown(fields: Readonly<Record<string, unknown>>): unknown {
  const item = { type: "McpToolCall", id: "call", duration: { secs: 1, nanos: 5_000_000 }, ...fields };
  return toApiThreadItem({ turnId: "t", itemId: "call", ordinal: 1, createdAt: "2026-01-01T00:00:00.000Z", item });
}
