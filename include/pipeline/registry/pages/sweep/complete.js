// What can stand at a place of a plan: the keys and values that its schema allows there, as choices to insert.
import { write, writeLine } from "./format.js";
import { describeRange, firstValue, follow, listClasses, step, unfold } from "./schema.js";
import { findWay, isBracket, parse, tokenise, valueOf } from "./tree.js";

const BLOCK_WIDTH = 60;

/**
 * Return the choices at a caret: `{from, to, typed, choices}`, or null where nothing can be completed. A choice has its
 * `label`, what it `inserts` in place of the text from `from` to `to`, which part of that is then selected (`select`), and
 * its `detail` and `text` for people. `known` has values of options that fit the examples that are there.
 */
export function complete(text, caret, schema, known = {}) {
  const begun = beginsText(text, caret);
  if (!begun) return completeIn(text, caret, schema, known);
  const found = completeIn(`${text.slice(0, caret)}"${text.slice(caret)}`, caret, schema, known);
  return found && { ...found, to: Math.max(found.from, found.to - 1) };
}

/** Whether the caret is at the end of a text whose closing quote is still to be written: a later quote opens another one. */
function beginsText(text, caret) {
  const under = tokenise(text).find(token => token.from < caret && caret < token.to && token.text.startsWith('"'));
  return Boolean(under) && /^\s*[{}[\],:]/.test(text.slice(caret, under.to));
}

function completeIn(text, caret, schema, known) {
  const tokens = tokenise(text);
  const way = findWay(parse(tokens), caret);
  if (!way.length) return tokens.length ? null : { from: 0, to: text.length, typed: "", choices: [wholePlan()] };
  const { node } = way.at(-1);
  const place = findPlace(tokens, node, caret);
  if (!place) return null;
  place.indentation = /^ */.exec(text.slice(text.lastIndexOf("\n", caret - 1) + 1))[0];
  const schemas = follow(schema, way);
  const found = place.role === "key" ? listKeys(schemas, node, place) : listValues(schemas, node, place, known);
  const typed = text.slice(place.from, caret).replace(/^"/, "").toLowerCase();
  const choices = found.filter(choice => choice.label.toLowerCase().includes(typed));
  choices.sort((one, other) => Number(!one.label.toLowerCase().startsWith(typed)) - Number(!other.label.toLowerCase().startsWith(typed)));
  const comma = /\s/.test(text[place.to]) ? "," : ", ";
  for (const choice of choices) choice.inserts = choice.inserts + (place.followed && choice.whole ? comma : "");
  return { from: place.from, to: place.to, comma: place.comma, typed, choices };
}

/** Return what stands at a caret in a container: a key or a value, from where to where, and whose it is. */
function findPlace(tokens, node, caret) {
  const inside = tokens.filter(token => token.from > node.open.from && token.to <= (node.close?.from ?? Infinity));
  const under = inside.find(token => !isBracket(token) && token.from < caret && caret <= token.to);
  const closed = under && under.text.length > 1 && under.text.endsWith('"') && caret === under.to;
  if (closed) return null; // behind a text that is complete
  const before = inside.filter(token => token.to <= (under ? under.from : caret)).at(-1) ?? node.open;
  const after = inside.find(token => token.from >= (under ? under.to : caret));
  const place = { from: under ? under.from : caret, to: under ? under.to : caret, followed: Boolean(after) && !isBracket(after) };
  const isStart = before === node.open || before.text === ",";
  if (node.kind === "array") {
    if (after && "{[".includes(after.text)) place.followed = true;
    if (isStart) return { ...place, role: "value", key: 0 };
    return under ? null : { ...place, role: "value", key: 0, comma: before.to };
  }
  if (before.text === ":") {
    const entry = node.entries.find(each => each.colon === before);
    return { ...place, role: "value", key: entry && valueOf(entry.key) };
  }
  if (isStart) return { ...place, role: "key", named: after?.text === ":" };
  return under || before.to === caret ? null : { ...place, role: "key", comma: before.to };
}

function listKeys(schemas, node, place) {
  const there = new Set(node.entries.filter(entry => place.to === place.from || entry.key.from !== place.from).map(entry => valueOf(entry.key)));
  const known = new Map();
  for (const schema of schemas) {
    for (const [name, of] of Object.entries(schema.properties ?? {})) {
      if (!there.has(name)) known.set(name, { ...known.get(name), ...of });
    }
  }
  return [...known].map(([name, of]) => {
    const quoted = JSON.stringify(name);
    const shown = { label: name, detail: tellDefault(of), text: [of.description, describeRange(of)].filter(Boolean).join(" — ") };
    if (place.named) return { ...shown, inserts: quoted, select: [quoted.length, quoted.length] };
    return { ...shown, ...withValue(`${quoted}: `, of, name), whole: true };
  });
}

const tellDefault = schema => (schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`);

/** Return what inserts a key with its first value, which is selected: an option's is in a list, of the values to try. */
function withValue(start, schema, name) {
  if (["dataset", "adapter", "model"].includes(name)) return { inserts: `${start}{"name": ""}`, select: [start.length + 10, start.length + 10], again: true };
  if (name === "name" && schema.enum) return { inserts: `${start}""`, select: [start.length + 1, start.length + 1], again: true };
  if (name === "exclude") return { inserts: `${start}[{}]`, select: [start.length + 2, start.length + 2], again: true };
  if (name === "options") return { inserts: `${start}{}`, select: [start.length + 1, start.length + 1], again: true };
  const isList = Boolean(schema.then);
  const types = [schema.type ?? []].flat();
  let value = firstValue(schema);
  if (value === null && types.includes("string")) value = "";
  if (value === null && types.includes("object")) value = { method: "halving" };
  const written = value === undefined ? "" : writeLine(value);
  const inserts = isList ? `${start}[${written}]` : start + written;
  const from = start.length + Number(isList);
  const isText = written.startsWith('"');
  return { inserts, select: [from + Number(isText), from + written.length - Number(isText)] };
}

function listValues(schemas, node, place, known) {
  const of = step(schemas, place.key).flatMap(schema => unfold(schema, undefined));
  const classes = listClasses(schemas);
  const blocks = listClasses(of);
  const found = new Map();
  const add = (value, detail, text = "") => {
    const label = JSON.stringify(value);
    if (!found.has(label)) found.set(label, { label: typeof value === "string" ? value : label, inserts: label, select: [label.length, label.length], detail, text });
  };
  for (const [name, each] of Object.entries(blocks)) found.set(name, writeBlock(name, each, known, place.indentation));
  const lists = of.filter(schema => schema.then?.items && Object.keys(blocks).length === 0);
  const open = place.key !== 0 && lists.length > 0;
  for (const schema of of) {
    for (const value of schema.enum ?? []) add(value, "", classes[value]?.description);
    if (schema.const !== undefined) add(schema.const, "");
    if ([schema.type ?? []].flat().includes("boolean")) [true, false].forEach(value => add(value, ""));
    if ([schema.type ?? []].flat().includes("null")) add(null, "");
    if (schema.default !== undefined) add(schema.default, "default");
    for (const value of schema.examples ?? []) add(value, "for example");
  }
  if (place.key === "name" && !node.entries.some(entry => valueOf(entry.key) === "options")) {
    for (const [name, each] of Object.entries(classes)) {
      const choice = found.get(JSON.stringify(name));
      if (!choice || !each.required.length) continue;
      choice.inserts += `, "options": ${write(listOptions(each, known), place.indentation, BLOCK_WIDTH)}`;
      choice.select = [choice.inserts.length, choice.inserts.length];
    }
  }
  const text = of.find(schema => schema.description)?.description ?? "";
  return [...found.values()].map(choice => ({
    ...choice, text: choice.text || text, whole: true,
    ...(open && !choice.block ? { inserts: `[${choice.inserts}]`, select: [choice.inserts.length + 1, choice.inserts.length + 1] } : {}),
  }));
}

/** Return the choice that inserts a class with the options that it must have. */
function writeBlock(name, of, known, indentation) {
  const inserts = write({ name, options: listOptions(of, known) }, indentation, BLOCK_WIDTH);
  return { label: name, inserts, select: [inserts.length, inserts.length], detail: "", text: of.description, block: true };
}

/** Return the options that a class must have, with values; of a collection too, if the examples are in another than usual. */
function listOptions({ options, required }, known) {
  const found = Object.fromEntries(required.map(name => [name, known[name] ?? [firstValue(options[name])]]));
  return required.length && known.collection && options.collection ? { ...found, collection: known.collection } : found;
}

function wholePlan() {
  const inserts = '{\n  "dataset": {"name": ""}\n}';
  const caret = inserts.indexOf('""') + 1;
  return { label: "a plan", inserts, select: [caret, caret], detail: "", text: "A dataset, an adapter and a model, each with lists of values to try.", again: true };
}
