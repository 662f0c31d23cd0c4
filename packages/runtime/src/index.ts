export type {
  Agent,
  AgentDelta,
  AgentEvent,
  AgentTurn,
  Compaction,
  FunctionOutput,
  WaitingOn,
} from "./agent/agent.js";
export { AgentFailure, isAgentFailure } from "./agent/agent-failure.js";
export { responseItemOf } from "./agent/response-item-of.js";
export { echoAgent, type ScriptedTurn, scriptedAgent } from "./agent/scripted-agent.js";
export { loadModelContext, type ModelContext } from "./context/model-context.js";
export {
  DEFAULT_RUNTIME_LIMITS,
  type ForkThreadParams,
  type ManagerEvent,
  type ResumeThreadParams,
  type RuntimeLimits,
  type SpawnChildParams,
  type StartThreadParams,
  type ThreadManagerOptions,
} from "./manager/manager-params.js";
export type { ShutdownReport } from "./manager/shutdown-report.js";
export { ThreadManager } from "./manager/thread-manager.js";
export type { AgentThread } from "./thread/agent-thread.js";
export { type RevertParams, revertThread } from "./thread/revert-thread.js";
export type { LaggedEvent, ThreadEvent, ThreadStatus } from "./thread/thread-event.js";
export type { ThreadIdentity, ThreadSnapshot } from "./thread/thread-identity.js";
export type { SteerOp, ThreadOp, UserTurnOp } from "./thread/thread-op.js";
export { RecordBuffer } from "./turn/record-buffer.js";
export type {
  AgentMessage,
  FunctionCall,
  Reasoning,
  SeenItem,
  TokenUsage,
  UserInput,
  UserMessage,
} from "./turn/turn-items.js";
export { type TurnEnd, type TurnFailure, TurnRecorder, type TurnRecorderOptions } from "./turn/turn-recorder.js";
export type { TurnSettings } from "./turn/turn-settings.js";
