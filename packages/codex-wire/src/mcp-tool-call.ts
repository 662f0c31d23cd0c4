import { type JsonObject, objectField, type TurnItem, textField } from "@threadstore/core";
import { camelCase } from "./camel-case.js";

/** The fields of an MCP tool call. Legacy threads nest what was called, and tell of success and failure apart. */
export function mcpToolCallFields(item: TurnItem): JsonObject {
  const fields = withCamelCaseKeys(item);
  const { server, tool, arguments: callArguments } = objectField(fields, "invocation") ?? fields;
  const { result, error } = outcomeOf(fields);
  const resourceUri = textField(fields, "mcpAppResourceUri");
  return {
    server: server ?? "",
    tool: tool ?? "",
    status: camelCase(textField(fields, "status") ?? (error || result?.isError === true ? "failed" : "completed")),
    arguments: callArguments ?? null,
    appContext: appContextOf(fields, resourceUri),
    ...(resourceUri === undefined ? {} : { mcpAppResourceUri: resourceUri }),
    mcpAppUi: fields.mcpAppUi ?? null,
    pluginId: fields.pluginId ?? null,
    readOnlyHint: fields.readOnlyHint ?? null,
    result: result && resultOf(result),
    error,
  };
}

/** What a tool was given and gave is its own: only the names of the item's own fields are spelled anew. */
function withCamelCaseKeys(item: TurnItem): JsonObject {
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [camelCase(key), value]));
}

function outcomeOf(fields: JsonObject): { readonly result: JsonObject | null; readonly error: JsonObject | null } {
  const result = objectField(fields, "result");
  const failure = result && textField(result, "Err");
  if (typeof failure === "string") return { result: null, error: { message: failure } };
  return { result: result && (objectField(result, "Ok") ?? result), error: objectField(fields, "error") };
}

function resultOf({ content, structuredContent, _meta }: JsonObject): JsonObject {
  return { content: content ?? [], structuredContent: structuredContent ?? null, _meta: _meta ?? null };
}

function appContextOf(fields: JsonObject, resourceUri: string | undefined): JsonObject | null {
  const { connectorId, linkId, appName, actionName } = fields;
  if (typeof connectorId !== "string") return null;
  return {
    connectorId,
    linkId: linkId ?? null,
    resourceUri: resourceUri ?? null,
    appName: appName ?? null,
    actionName: actionName ?? null,
  };
}
