// Writes a plan as people do: what fits stands on one line.

const WIDTH = 72;

/** Return the text of a plan. */
export function formatPlan(plan) {
  return `${write(plan, "", WIDTH, true)}\n`;
}

/** Return the text of a part of a plan whose first line is indented already. */
export function write(value, indentation, room, breaks = false) {
  const line = writeLine(value);
  const isSmall = value === null || typeof value !== "object" || Object.keys(value).length === 0;
  if (isSmall || (!breaks && line.length <= room)) return line;
  const deeper = `${indentation}  `;
  const entries = Array.isArray(value)
    ? value.map(each => [each, ""])
    : Object.entries(value).map(([key, each]) => [each, `${JSON.stringify(key)}: `]);
  const lines = entries.map(([each, start]) => deeper + start + write(each, deeper, WIDTH - deeper.length - start.length - 1));
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indentation}${close}`;
}

/** Return the text of a value on one line. */
export function writeLine(value) {
  if (Array.isArray(value)) return `[${value.map(writeLine).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${writeLine(each)}`).join(", ")}}`;
  }
  return JSON.stringify(value);
}
