export { loadModelContext, type ModelContext } from "./context/model-context.js";
export type { AgentMessage, Reasoning, TokenUsage, UserInput } from "./turn/turn-items.js";
export { type TurnFailure, TurnRecorder, type TurnRecorderOptions, type TurnSettings } from "./turn/turn-recorder.js";
