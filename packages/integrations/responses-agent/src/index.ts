export { type ResponsesAgentOptions, responsesAgent } from "./responses-agent.js";
export type { ApprovalHook, FunctionTool, ToolCall } from "./tool/function-tool.js";
