import { asJsonObject, type JsonObject, objectField, textField } from "@threadstore/core";

/** What a review said, as a person reads it: its explanation, then its findings. */
export function formatReview(output: JsonObject | null): string {
  const explanation = textField(output ?? {}, "overall_explanation")?.trim() ?? "";
  const listed = Array.isArray(output?.findings) ? output.findings : [];
  const findings = listed.map(asJsonObject).filter((finding) => finding !== null);
  const parts = [explanation, findings.length > 0 ? formatFindings(findings) : ""].filter((part) => part !== "");
  return parts.join("\n\n") || "Reviewer failed to output a response.";
}

function formatFindings(findings: readonly JsonObject[]): string {
  const heading = findings.length === 1 ? "Review comment:" : "Full review comments:";
  return [heading, ...findings.map(formatFinding)].join("\n\n");
}

function formatFinding(finding: JsonObject): string {
  const location = objectField(finding, "code_location") ?? {};
  const { start, end } = objectField(location, "line_range") ?? {};
  const place = `${textField(location, "absolute_file_path") ?? ""}:${start ?? ""}-${end ?? ""}`;
  const body = (textField(finding, "body") ?? "").split("\n").map((line) => `  ${line}`);
  return [`- ${textField(finding, "title") ?? ""} — ${place}`, ...body].join("\n");
}
