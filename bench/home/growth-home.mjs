import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DESCRIPTION_FILE, HomeMaker } from "./generate-home.mjs";

/**
 * What a home of threads of growing length is made with: a thread for each number of items, five items a turn.
 *
 * @typedef {object} GrowthParameters
 * @property {readonly number[]} items
 * @property {number} days
 * @property {number} endMs
 * @property {number} seed
 */
export const GROWTH_PARAMETERS = {
  kind: "growth",
  items: [1_000, 10_000, 100_000, 1_000_000],
  days: 250,
  endMs: Date.UTC(2026, 10, 20),
  seed: 1,
};

const ITEMS_PER_TURN = 5;
/** What turns are made of. The rest of a rollout says the same once more for the model, and would make it four times as large. */
const TURN_KINDS = /^(session_meta|event_msg\/(task_started|task_complete|item_completed\/.*))$/;

/** Makes a growth home in an empty folder and returns its description. */
export function generateGrowthHome(home, parameters, { onProgress }) {
  const maker = new HomeMaker(home, parameters);
  const threads = parameters.items.map((items, index) => {
    onProgress(`a thread of ${items} items is being written`);
    const { turnEnds: _turnEnds, ...written } = maker.write({
      name: `growth ${items}`,
      startMs: maker.timeAt(index / parameters.items.length),
      turns: items / ITEMS_PER_TURN,
      edit: withShortLines,
    });
    return written;
  });
  const description = { parameters, threads };
  writeFileSync(join(home, DESCRIPTION_FILE), `${JSON.stringify(description, null, 2)}\n`);
  return description;
}

/** What no page needs: it is cut from the lines so that a million items are 600 MB. */
const CUTS = [
  /"turn_attribution":\{[^}]*\},/,
  /"last_agent_message":"(?:[^"\\]|\\.)*",/,
  /"parsed_cmd":\[[^\]]*\],/,
  /(?<="aggregated_output":")(?:[^"\\]|\\.)*/,
  /(?<="text":"(?:Question|Answer)[^"\\]{60})[^"\\]*/,
];

function withShortLines(text, { kind }) {
  return TURN_KINDS.test(kind) ? CUTS.reduce((short, cut) => short.replace(cut, ""), text) : null;
}
