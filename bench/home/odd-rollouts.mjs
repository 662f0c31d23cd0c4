import { compressRollout } from "./compress-rollout.mjs";
import { LATIN_WORDS, prose, WIDE_WORDS } from "./prose.mjs";
import { RandomSource } from "./random-source.mjs";

/** How many threads of each kind. Few enough that they do not decide a figure, enough that a list meets them. */
const THREADS_OF_A_KIND = 24;
const EQUAL_TIMES_THREADS = 60;
const FORK_FAMILIES = 8;

const INSTRUCTIONS_CHARACTERS = 20_000;
/** Turns without a user's message before the first one: 21 records, then 16 each, make more than 300. */
const SILENT_TURNS = 20;
const LONG_LINE_BYTES = 10 * 1024 * 1024;

/** Writes threads unlike the others: what real homes hold and a fast reader must not stumble over. Returns their counts. */
export async function writeOddRollouts(maker) {
  const counts = {
    longInstructions: writeEach(maker, "odd long-instructions", () => ({ edit: withLongInstructions })),
    lateFirstMessage: writeEach(maker, "odd late-first-message", () => ({
      edit: withLateMessage,
      turns: SILENT_TURNS + 2,
    })),
    wideCharacters: writeEach(maker, "odd wide-characters", () => ({ words: WIDE_WORDS })),
    equalTimes: writeEqualTimes(maker),
    longLines: maker.write({ name: "odd long-lines", startMs: maker.timeAt(0.99), edit: withLongLines }).bytes,
    forks: writeForks(maker),
    compressed: await writeCompressed(maker),
  };
  return counts;
}

function writeEach(maker, name, planOf) {
  for (let index = 0; index < THREADS_OF_A_KIND; index++) {
    maker.write({ name: `${name}-${index}`, startMs: timeOf(maker, index), ...planOf(index) });
  }
  return THREADS_OF_A_KIND;
}

/** Spread over all days, so that they stand on pages among the others. */
function timeOf(maker, index, count = THREADS_OF_A_KIND) {
  return maker.timeAt((index + 0.5) / count);
}

/** The real instructions of an agent: the first line alone is longer than a small read. */
function withLongInstructions(text, { kind }) {
  if (kind !== "session_meta") return text;
  const instructions = prose(new RandomSource(1), { length: INSTRUCTIONS_CHARACTERS, words: LATIN_WORDS });
  return text.replace(/(?<="base_instructions":\{"text":")[^"]*/, instructions);
}

const USER_KINDS = new Set(["response_item/message/user", "event_msg/item_completed/UserMessage"]);

/** Sub-agents and resumed threads: what a list shows of them stands far from the beginning. */
function withLateMessage(text, { kind, turnNumber }) {
  return turnNumber <= SILENT_TURNS && USER_KINDS.has(kind) ? null : text;
}

/** The output of a command that printed too much: in the first turn, which heads meet, and in the last, which tails meet. */
function withLongLines(text, { turnNumber }) {
  if (turnNumber === 2 || turnNumber === 3) return text;
  return text.replace(
    /(?<="(?:aggregated_output|output)":")(?:[^"\\]|\\.)*/,
    "long line ".repeat(LONG_LINE_BYTES / 10),
  );
}

/** Threads started together by a script: every time in them is the same, and only their ids tell them apart. */
function writeEqualTimes(maker) {
  for (let index = 0; index < EQUAL_TIMES_THREADS; index++) {
    maker.write({ name: `odd equal-times-${index}`, startMs: maker.timeAt(0.999), pace: new RandomSource(1) });
  }
  return EQUAL_TIMES_THREADS;
}

/** Forks that hold no copy of what they inherit, and forks of those. */
function writeForks(maker) {
  for (let family = 0; family < FORK_FAMILIES; family++) {
    let from = maker.write({ name: `odd fork-root-${family}`, startMs: timeOf(maker, family, FORK_FAMILIES) });
    for (const generation of ["child", "grandchild"]) from = writeFork(maker, `odd fork-${generation}-${family}`, from);
  }
  return 2 * FORK_FAMILIES;
}

function writeFork(maker, name, from) {
  const cut = from.turnEnds[1];
  const edit = (text, { kind }) => (kind === "session_meta" ? withBase(text, { from, cut }) : text);
  return maker.write({ name, startMs: from.endMs + 60_000, firstOrdinal: cut.ordinal, edit });
}

function withBase(text, { from: { threadId }, cut: { ordinal, offset } }) {
  const origin = { forked_from_id: threadId, forked_from_ordinal_exclusive: ordinal };
  const base = { thread_id: threadId, end_ordinal_exclusive: ordinal, end_byte_offset: offset };
  const withOrigin = text.replace(/(?="timestamp":)/, `${JSON.stringify(origin).slice(1, -1)},`);
  return withOrigin.replace('"history_mode":"paginated"', `$&,"history_base":${JSON.stringify(base)}`);
}

async function writeCompressed(maker) {
  for (let index = 0; index < THREADS_OF_A_KIND; index++) {
    const written = maker.write({ name: `odd compressed-${index}`, startMs: timeOf(maker, index) });
    await compressRollout(maker.home, written);
  }
  return THREADS_OF_A_KIND;
}
