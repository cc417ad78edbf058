// Finds in the JSON Schema of a plan what is allowed at a place of it.
import { childOf, valueOf } from "./tree.js";

const typesOf = schema => [schema.type ?? []].flat();

const KINDS = { integer: "whole number", string: "text", boolean: "true or false", array: "list" };

const isA = (node, types) =>
  node.kind === "array" ? types.includes("array") : node.kind === "scalar" && valueOf(node.token) === null && types.includes("null");

/** Whether a node meets the condition of an `if`: a list of values, or a block of one class. */
function meets(condition, node) {
  if (condition.properties?.name) {
    const name = childOf(node, "name");
    return name?.kind === "scalar" && valueOf(name.token) === condition.properties.name.const;
  }
  if (node?.kind !== "array") return false;
  const wanted = condition.contains && typesOf(condition.contains);
  return !wanted || node.items.some(item => isA(item, wanted));
}

/** Return all schemas that hold for a node; a schema's own `description` and `default` hold for its parts too. */
export function unfold(schema, node) {
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? [])];
  if (schema.if) parts.push(meets(schema.if, node) ? schema.then : schema.else);
  return [schema, ...parts.filter(Boolean).flatMap(part => unfold(part, node))];
}

/** Return the schemas of a key or of an item, of those that hold for a container. */
export const step = (schemas, key) =>
  schemas.map(schema => (typeof key === "number" ? schema.items : schema.properties?.[key])).filter(Boolean);

/** Return the schemas that hold for the last node of a way; see `findWay`. */
export function follow(root, way) {
  let schemas = unfold(root, way[0]?.node);
  for (let place = 0; place + 1 < way.length; place += 1) {
    schemas = step(schemas, way[place].key).flatMap(schema => unfold(schema, way[place + 1].node));
  }
  return schemas;
}

/** Return the value that a schema gives one of a plan's lists: its default, an example, its least value, or undefined. */
export function firstValue(schema) {
  const parts = [schema, schema.then?.items, schema.else].filter(Boolean);
  for (const name of ["default", "examples", "enum", "const", "minimum"]) {
    for (const part of parts) {
      if (part[name] !== undefined) return name === "examples" || name === "enum" ? part[name][0] : part[name];
    }
  }
  return undefined;
}

/** Return what a schema allows, in words: `0.001 to 0.5`, `json, binary`. */
export function describeRange(schema) {
  const value = schema.else ?? schema;
  if (value.type === "object") return "";
  if (value.enum) return value.enum.length > 8 ? "" : value.enum.map(each => JSON.stringify(each)).join(", ");
  const low = value.minimum ?? value.exclusiveMinimum;
  const high = value.maximum ?? value.exclusiveMaximum;
  const kind = typesOf(value).map(each => KINDS[each] ?? each).join(" or ");
  const bounds = [
    low === undefined ? "" : value.minimum === undefined ? `above ${low}` : `from ${low}`,
    high === undefined ? "" : value.maximum === undefined ? `below ${high}` : `up to ${high}`,
  ];
  return [kind, ...bounds].filter(Boolean).join(" ");
}

/** Return the options' schemas of each class that a block's schema knows: `{name: {description, options, required}}`. */
export function listClasses(schemas) {
  const found = {};
  for (const schema of schemas) {
    for (const rule of schema.allOf ?? []) {
      const name = rule.if?.properties?.name?.const;
      if (!name) continue;
      const options = rule.then.properties.options;
      found[name] = { description: rule.then.description ?? "", options: options.properties, required: options.allOf?.[0]?.required ?? [] };
    }
  }
  return found;
}
