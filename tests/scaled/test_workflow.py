"""deploy/github-workflow.yml: its form, and its steps run as a runner would, against a deployment."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.airflow_client.api import DAG_ID
from scaled.cluster import Cluster
from scaled.compose import ROOT

WORKFLOW = ROOT / "deploy/github-workflow.yml"
USER = "ci"
PASSWORD = "a password of the workflow's own"
PLAN = """{
  "dataset": {
    "name": "SpanDataset",
    "options": {"start_datetime_str": "1993-4-1", "end_datetime_str": "1993-4-24", "training_ratio": 0.7}
  },
  "adapter": {"name": "TfidfAdapter"},
  "model": {"name": "scikit_model_majority"}
}"""


def read_steps() -> dict[str, dict[str, Any]]:
    """Return the steps that run something, by name."""
    content = yaml.safe_load(WORKFLOW.read_text())
    return {step["name"]: step for step in content["jobs"]["train"]["steps"] if "run" in step}


class Runner:
    """What runs the steps: a repository with a plan that the last commit added, and a folder for what they keep."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.checkout, self.temporary = folder / "checkout", folder / "temporary"
        for each in (self.checkout / "plans", self.temporary):
            each.mkdir(parents=True)
        bin_folder = str(Path(sys.executable).parent)
        self._environ = {
            "PATH": os.pathsep.join((bin_folder, os.environ.get("PATH", os.defpath))),
            "HOME": str(folder),
            "PIPELINE_HOME": str(folder / "no deployment here"),
            "RUNNER_TEMP": str(self.temporary),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "no_proxy": "127.0.0.1",
            **environ,
        }
        self.git("init", "--quiet")
        self.before = self.commit("plans/old plan.json", PLAN)

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.checkout,
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def commit(self, name: str, content: str) -> str:
        """Commit one file; return the commit."""
        (self.checkout / name).write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)
        return self.git("rev-parse", "HEAD")

    def run(self, name: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run one step as the runner's bash would."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", read_steps()[name]["run"]],
            cwd=self.checkout,
            env=self._environ | environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def wait_for_dag(cluster: Cluster) -> None:
    """Return once Airflow has read the DAG, which it does some time after its services are healthy."""
    deadline = time.monotonic() + 300
    while cluster.airflow.find(f"/api/v2/dags/{DAG_ID}") is None:
        assert time.monotonic() < deadline, cluster.containers["dag-processor"].tail()
        time.sleep(1)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    for program in ("git", "jq", "curl"):
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{program} is not installed, and in CI it must be")
            pytest.skip(f"{program} is not installed")
    return Runner(tmp_path, {f"AIRFLOW_CONN_{name}": "" for name in ("EXAMPLES_DB", "MODELS_DB", "NOTIFICATIONS")})


def test_the_file_is_a_workflow() -> None:
    checker = Path(sys.executable).with_name("check-jsonschema")
    command: list[str | Path] = [checker, "--builtin-schema", "vendor.github-workflows", WORKFLOW]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_step_is_made_of_what_others_may_write() -> None:
    for name, step in read_steps().items():
        assert "${{" not in step["run"], name


def test_it_triggers_the_dag_there_is() -> None:
    assert set(re.findall(r"/dags/(\w+)", WORKFLOW.read_text())) == {DAG_ID}


def test_plans_that_a_push_added_or_changed_are_found(runner: Runner) -> None:
    commit = runner.commit("plans/new plan.json", PLAN)
    runner.commit("notes.txt", "no plan")
    found = runner.run("Find changed plans", BEFORE=runner.before, GITHUB_SHA=commit)
    assert (found.returncode, found.stdout) == (0, "plans/new plan.json\n"), found.stderr


def test_all_plans_of_a_new_branch_are_found(runner: Runner) -> None:
    found = runner.run("Find changed plans", BEFORE="0" * 40, GITHUB_SHA=runner.before)
    assert (found.returncode, found.stdout) == (0, "plans/old plan.json\n"), found.stderr


def test_a_plan_is_checked_without_a_database_and_a_mistake_ends_the_job(runner: Runner) -> None:
    commit = runner.commit("plans/new.json", PLAN)
    runner.run("Find changed plans", BEFORE=runner.before, GITHUB_SHA=commit)
    good = runner.run("Check plans")
    (runner.checkout / "plans/new.json").write_text(PLAN.replace("TfidfAdapter", "TfidfAdaptor"))
    bad = runner.run("Check plans")

    assert good.returncode == 0, good.stderr
    assert "1 definition" in good.stdout
    assert "not checked" in good.stdout
    assert bad.returncode != 0
    assert "TfidfAdaptor" in bad.stdout + bad.stderr


@pytest.mark.e2e
def test_a_pushed_plan_is_trained_by_a_user_who_may_do_little_else(cluster: Cluster, runner: Runner) -> None:
    assert cluster.run("examples", "demo").returncode == 0
    wait_for_dag(cluster)
    person = (
        "--username",
        USER,
        "--password",
        PASSWORD,
        "--email",
        "ci@localhost",
        "--firstname",
        "A",
        "--lastname",
        "B",
    )
    made = subprocess.run(
        [Path(sys.executable).with_name("airflow"), "users", "create", "--role", "User", *person],
        env=cluster.environ_of("migrate"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    connections = {
        name: value for name, value in cluster.environ_of("pipeline").items() if name.startswith("AIRFLOW_CONN")
    }
    environ = {"AIRFLOW_URL": cluster.url, "POLL_SECONDS": "1"} | connections
    commit = runner.commit("plans/new plan.json", PLAN)
    special = {
        "Find changed plans": {"BEFORE": runner.before},
        "Log in": {"AIRFLOW_USERNAME": USER, "AIRFLOW_PASSWORD": PASSWORD},
    }
    said = {}
    for name in list(read_steps())[1:]:  # the first installs
        done = runner.run(name, GITHUB_SHA=commit, **environ, **special.get(name, {}))
        assert done.returncode == 0, (name, done.stdout, done.stderr)
        said[name] = done.stdout

    assert said["Check plans"] == "plans/new plan.json: nothing wrong, 1 definition\n"
    assert said["Wait for the runs"].endswith(": success\n")
    assert "majority" in said["Show what was trained"]
    assert "eyJ" not in "".join(said.values()), "a token"
    assert (runner.temporary / "token").stat().st_mode & 0o077 == 0


@pytest.mark.e2e
def test_a_plan_that_airflow_refuses_fails_the_step_and_says_why(cluster: Cluster, runner: Runner) -> None:
    commit = runner.commit("plans/new.json", '{"dataset": 1, "adapter": 2, "model": 3}')
    environ = {"AIRFLOW_URL": cluster.url, "BEFORE": runner.before, "GITHUB_SHA": commit}
    login = {"AIRFLOW_USERNAME": "admin", "AIRFLOW_PASSWORD": cluster.variables["AIRFLOW_ADMIN_PASSWORD"]}
    assert runner.run("Find changed plans", **environ).returncode == 0
    assert runner.run("Log in", **environ, **login).returncode == 0
    wait_for_dag(cluster)
    refused = runner.run("Trigger a run for each plan", **environ)

    assert refused.returncode != 0
    assert "detail" in refused.stdout
    assert (runner.temporary / "runs").read_text() == ""
