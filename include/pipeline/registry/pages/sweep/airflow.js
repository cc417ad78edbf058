// Airflow's own REST API, as the logged-in user: triggering runs and watching them.
import { AIRFLOW } from "../common.js";

export const TRAIN = "train_classifiers";
export const PREVIEW = "preview_plan";

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(new URL(`api/v2/dags/${path}`, AIRFLOW), { headers: { Accept: "application/json", "Content-Type": "application/json" }, ...options });
  } catch {
    throw new Error("Airflow does not answer. Is it running?");
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok) return body;
  const detail = typeof body?.detail === "string" ? body.detail : `Airflow answered ${answer.status} ${answer.statusText}`;
  const reasons = { 401: "You are not logged in. Log in to Airflow, then try again.", 403: `You may not trigger ${path.split("/")[0]}.`, 404: `Airflow does not know the DAG ${path.split("/")[0]} yet.` };
  const error = new Error(reasons[answer.status] ?? detail);
  error.findings = body?.findings ?? [];
  throw error;
}

/** Trigger a DAG with the text of its config, which is sent as it is, and return the run's id. */
export async function trigger(dag, conf) {
  const body = `{"logical_date": null, "conf": ${conf}}`;
  return (await call(`${dag}/dagRuns`, { method: "POST", body })).dag_run_id;
}

/** Return the state of a run: `queued`, `running`, `success` or `failed`. */
export const stateOf = async (dag, run) => (await call(`${dag}/dagRuns/${encodeURIComponent(run)}`)).state;

/** The path of a task's log in Airflow. */
export const logPath = (dag, run, task) => `dags/${dag}/runs/${encodeURIComponent(run).replaceAll("%3A", ":")}/tasks/${task}`;
