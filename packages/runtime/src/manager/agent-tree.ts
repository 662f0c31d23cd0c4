import { type ThreadId, ThreadStoreError } from "@threadstore/core";
import type { ThreadIdentity } from "../thread/thread-identity.js";
import { NICKNAMES } from "./nicknames.js";

/** The agent path of a thread that nobody spawned. */
const ROOT_PATH = "/root";
const TASK_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export interface SpawnLimits {
  /** How many spawns deep a thread may be. */
  readonly spawnMaxDepth: number;
  /** Sub-agents of one tree that are loaded at the same time. */
  readonly spawnMaxAgents: number;
}

/** A place for one more sub-agent in a tree. */
export interface SpawnPlace {
  readonly depth: number;
  readonly nickname: string;
  /** Gives the place back when the sub-agent could not be made. */
  release(): void;
}

/** What a sub-agent is to be called. */
export interface AgentNames {
  /** Default: one that no other sub-agent of the tree has. */
  readonly nickname?: string | undefined;
  readonly agentPath?: string | undefined;
}

type Reservation = Pick<ThreadIdentity, "sessionId" | "depth" | "agentNickname" | "agentPath">;

/** Who may spawn, and what sub-agents are called. Places that are asked for count before their threads are loaded. */
export class AgentTrees {
  readonly #limits: SpawnLimits;
  readonly #loaded: () => readonly ThreadIdentity[];
  readonly #reserved = new Set<Reservation>();

  constructor(limits: SpawnLimits, loaded: () => readonly ThreadIdentity[]) {
    this.#limits = limits;
    this.#loaded = loaded;
  }

  /**
   * @throws ThreadStoreError `resource_exhausted` the tree is too deep, or has as many sub-agents as it may; `conflict` one of them has
   * the agent path.
   */
  reserve(parent: ThreadIdentity, { nickname, agentPath }: AgentNames = {}): SpawnPlace {
    const { spawnMaxDepth, spawnMaxAgents } = this.#limits;
    const depth = parent.depth + 1;
    if (depth > spawnMaxDepth)
      throw tooMany(`an agent ${parent.depth} spawns deep may spawn none: the limit is ${spawnMaxDepth}`);
    const agents = this.#agentsOf(parent.sessionId);
    if (agents.length >= spawnMaxAgents)
      throw tooMany(`${agents.length} sub-agents run already: the limit is ${spawnMaxAgents}`);
    if (agentPath !== undefined && agents.some((agent) => agent.agentPath === agentPath)) throw pathConflict(agentPath);
    const taken = agents.flatMap(({ agentNickname }) => agentNickname ?? []);
    const agentNickname = nickname ?? freeNickname(taken);
    const { sessionId } = parent;
    const place = { sessionId, depth, agentNickname, ...(agentPath === undefined ? {} : { agentPath }) };
    this.#reserved.add(place);
    return { depth, nickname: agentNickname, release: () => this.#reserved.delete(place) };
  }

  /** A tree's sub-agents, those to come included. */
  #agentsOf(sessionId: ThreadId): Reservation[] {
    return [...this.#loaded(), ...this.#reserved].filter((one) => one.sessionId === sessionId && one.depth > 0);
  }
}

export function pathConflict(agentPath: string): ThreadStoreError {
  return new ThreadStoreError("conflict", `an agent of the tree has the path ${agentPath}`);
}

/** The path of a sub-agent that works on a task. @throws ThreadStoreError `invalid_request` the name of the task. */
export function agentPathOf(parent: ThreadIdentity, taskName: string): string {
  if (TASK_NAME.test(taskName)) return `${parent.agentPath ?? ROOT_PATH}/${taskName}`;
  const rule = "it has small letters, digits, - and _, at most 64";
  throw new ThreadStoreError("invalid_request", `a task cannot be called that: ${rule}`);
}

/** The first name of the list that nobody has; when all are taken, with a number. */
function freeNickname(taken: readonly string[]): string {
  for (let round = 1; ; round += 1) {
    const names = round === 1 ? NICKNAMES : NICKNAMES.map((name) => `${name} ${round}`);
    const free = names.find((name) => !taken.includes(name));
    if (free !== undefined) return free;
  }
}

function tooMany(message: string): ThreadStoreError {
  return new ThreadStoreError("resource_exhausted", message);
}
