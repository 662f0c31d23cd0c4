import type { ApiTurnListParams } from "@threadstore/codex-wire";
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseWholeNumber } from "./whole-number.js";

/** The options of commands that print one page of the API. */
export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly asc?: true;
  readonly desc?: true;
  readonly json?: true;
}

/** What the API takes. */
const LIMIT_MAX = 100;

export function addPageOptions(command: Command, { defaultOrder }: { defaultOrder: "asc" | "desc" }): Command {
  const note = (order: "asc" | "desc") => (order === defaultOrder ? " (default)" : "");
  return command
    .option("--limit <n>", `rows on the page, 1 to ${LIMIT_MAX} (default: 25)`, parseLimit)
    .option("--cursor <cursor>", "go on where a page ended, or back from where one began")
    .addOption(new Option("--asc", `oldest first${note("asc")}`).conflicts("desc"))
    .option("--desc", `newest first${note("desc")}`)
    .option("--json", "print one JSON document");
}

/** The parameters that every list of the API has. */
export function pageParamsOf({ limit, cursor, asc, desc }: PageOptions): PageParams {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(cursor === undefined ? {} : { cursor }),
    ...(asc ? { sortDirection: "asc" } : desc ? { sortDirection: "desc" } : {}),
  };
}

type PageParams = Pick<ApiTurnListParams, "limit" | "cursor" | "sortDirection">;

function parseLimit(text: string): number {
  const limit = parseWholeNumber(text);
  if (limit < 1 || limit > LIMIT_MAX) throw new InvalidArgumentError(`must be 1 to ${LIMIT_MAX}`);
  return limit;
}
