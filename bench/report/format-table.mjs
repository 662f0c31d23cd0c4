const HEADINGS = ["work", "median", "min..max", "baseline", "ratio", "target", "met"];

/** Summarized rows as a table of aligned columns. */
export function formatTable(rows) {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_heading, column) => Math.max(...cells.map((row) => row[column].length)));
  const rule = widths.map((width) => "-".repeat(width));
  return [cells[0], rule, ...cells.slice(1)].map((row) => formatLine(row, widths)).join("\n");
}

function formatLine(cells, widths) {
  return cells
    .map((cell, column) => cell.padEnd(widths[column]))
    .join("  ")
    .trimEnd();
}

function cellsOf({ work, unit, median, min, max, baseline, ratio, target, mostRatio, isMet }) {
  return [
    work,
    `${formatNumber(median)} ${unit}`,
    `${formatNumber(min)}..${formatNumber(max)}`,
    baseline ? `${baseline.name} ${formatNumber(baseline.median)} ${unit}` : "",
    ratio === undefined ? "" : `${formatNumber(ratio)}x`,
    targetOf({ target, mostRatio, unit }),
    isMet === undefined ? "" : isMet ? "yes" : "no",
  ];
}

function targetOf({ target, mostRatio, unit }) {
  if (target !== undefined) return `<= ${target} ${unit}`;
  return mostRatio === undefined ? "" : `<= ${formatNumber(mostRatio)}x`;
}

/** Three digits: what is behind them is noise. */
function formatNumber(value) {
  if (value === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 4));
}
