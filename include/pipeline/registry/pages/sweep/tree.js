// Reads the text of a plan that is still being written: what cannot be JSON yet is read as far as it goes.

const TOKEN = /"(?:[^"\\\n]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;

/** Return the tokens of a text, each with where it begins and ends. */
export function tokenise(text) {
  return [...text.matchAll(TOKEN)].map(match => ({ text: match[0], from: match.index, to: match.index + match[0].length }));
}

export const isBracket = token => token.text.length === 1 && "{}[],:".includes(token.text);

/** Return what a token means: a text without its quotes, a number, true, false or null; anything else as it is. */
export function valueOf(token) {
  try {
    return JSON.parse(token.text);
  } catch {
    return token.text.replace(/^"/, "");
  }
}

/**
 * Return the tree of tokens: `{kind: "object", entries: [{key, value}]}`, `{kind: "array", items}` or `{kind: "scalar",
 * token}`, each container with its `open` and `close` token; `close` is undefined where it is missing.
 */
export function parse(tokens) {
  let next = 0;
  const readValue = () => {
    const token = tokens[next++];
    if (token.text === "{") return readObject(token);
    if (token.text === "[") return readArray(token);
    return { kind: "scalar", token };
  };
  const startsValue = () => next < tokens.length && !(isBracket(tokens[next]) && !"{[".includes(tokens[next].text));
  const readObject = open => {
    const node = { kind: "object", open, entries: [] };
    while (next < tokens.length && !"}]".includes(tokens[next].text)) {
      const key = tokens[next];
      if (isBracket(key)) {
        next += 1;
        continue;
      }
      next += 1;
      const colon = tokens[next]?.text === ":" ? tokens[next++] : undefined;
      node.entries.push({ key, colon, value: colon && startsValue() ? readValue() : undefined });
    }
    if (tokens[next]?.text === "}") node.close = tokens[next++];
    return node;
  };
  const readArray = open => {
    const node = { kind: "array", open, items: [] };
    while (next < tokens.length && !"}]".includes(tokens[next].text)) {
      if (startsValue()) node.items.push(readValue());
      else next += 1;
    }
    if (tokens[next]?.text === "]") node.close = tokens[next++];
    return node;
  };
  while (next < tokens.length && !startsValue()) next += 1;
  return next < tokens.length ? readValue() : undefined;
}

/** Return the value of a key in an object's node, or undefined. */
export const childOf = (node, name) => node?.entries?.find(entry => valueOf(entry.key) === name)?.value;

const surrounds = (node, caret) => node?.open && node.open.from < caret && (!node.close || caret <= node.close.from);

/** Return the innermost container around a caret with the way to it: `[{node, key}, …]`, where `key` leads to the next. */
export function findWay(root, caret) {
  const way = [];
  let node = surrounds(root, caret) ? root : undefined;
  while (node) {
    const children = node.kind === "object"
      ? node.entries.map(entry => [valueOf(entry.key), entry.value])
      : node.items.map((item, number) => [number, item]);
    const found = children.find(([, child]) => surrounds(child, caret));
    way.push({ node, key: found?.[0] });
    node = found?.[1];
  }
  return way;
}
