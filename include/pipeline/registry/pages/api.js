// The REST API, from its OpenAPI description.
import { addNavigation, address, ask, attempt, el, scrolling, table } from "./common.js";

const content = document.getElementById("content");

function describe(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.join(", ");
  if (schema.anyOf) return schema.anyOf.map(describe).filter(each => each !== "null").join(" or ");
  if (schema.type === "array") return `${describe(schema.items)}, repeatable`;
  return schema.type ?? "";
}

/** Show what stands between backticks as code. */
const prose = text => text.split("`").map((part, place) => (place % 2 ? el("code", {}, part) : part));

function showRoute(path, method, route) {
  const parameters = (route.parameters ?? []).map(each => [
    el("code", {}, each.name), each.in, describe(each.schema), prose(each.description ?? each.schema.description ?? ""),
  ]);
  const body = route.requestBody?.content["application/json"]?.schema;
  return el("section", { class: "route" },
    el("h3", {}, el("span", { class: `method ${method}` }, method.toUpperCase()), " ", el("code", {}, path)),
    el("p", {}, prose(route.description ?? route.summary)),
    body ? el("p", { class: "quiet" }, `Body: ${describe(body)}`) : null,
    parameters.length ? table(["Parameter", "In", "Value", "Meaning"], parameters) : null);
}

async function show() {
  addNavigation();
  const found = await attempt(() => ask(["openapi.json"]));
  if (!found) return;
  const routes = Object.entries(found.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([method]) => method !== "head").map(([method, route]) => [route.tags?.[0] ?? "", showRoute(path, method, route)]));
  const tags = [...new Set(routes.map(([tag]) => tag))];
  const base = address([]).href;
  content.replaceChildren(
    el("p", {}, "Paths are relative to ", el("code", {}, base), ". Log in as for Airflow's own API and send the token with each request:"),
    scrolling(el("pre", {}, el("code", {}, `TOKEN=$(curl -s ${new URL("../auth/token", base).href} -H 'Content-Type: application/json' \\\n  -d '{"username": "…", "password": "…"}' | jq -r .access_token)\ncurl -H "Authorization: Bearer $TOKEN" -o champion.json ${base}models/@champion/document`))),
    el("p", {}, "The full description is ", el("a", { href: address(["openapi.json"]).href }, "openapi.json"), "; errors are ", el("code", {}, "application/problem+json"), "."),
    ...tags.map(tag => el("section", {}, el("h2", {}, tag), routes.filter(([each]) => each === tag).map(([, route]) => route))),
  );
}

show();
