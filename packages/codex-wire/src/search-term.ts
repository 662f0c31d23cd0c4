import { invalidRequest } from "./wire-errors.js";

/** The term of a search, without white space at its ends. @throws `invalid_request` there is none, as the API says it. */
export function requireSearchTerm(method: string, searchTerm: string | undefined): string {
  if (searchTerm === undefined) throw invalidRequest("Invalid request: missing field `searchTerm`");
  const term = searchTerm.trim();
  if (term === "") throw invalidRequest(`${method} requires a non-empty searchTerm`);
  return term;
}
