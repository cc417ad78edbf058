"""Every environment variable: read with its type, told in the documentation, and named nowhere else."""

import re
from pathlib import Path

import pytest

from pipeline.environment import (
    GROUPS,
    AirflowLogin,
    Compute,
    ConnectionUrls,
    Deployment,
    ExamplesKeys,
    Prepared,
    Up,
)
from pipeline.errors import PipelineError
from pipeline.variables import describe_allowed, describe_default

ROOT = Path(__file__).parents[2]
NAMES = [name for group in GROUPS for name in group.names()]
OF_OTHERS = {
    "docker-compose.yaml's own": {"PIPELINE_IMAGE", "PIPELINE_BIND", "PIPELINE_URL"},
    "the workflow's own": {"PIPELINE_RUNNER"},
}


def list_rows() -> list[str]:
    """Return the documentation's table as it has to be."""
    return [
        f"| `{field.alias}` | {field.description} | {describe_allowed(field)} | {describe_default(field)} |"
        for group in GROUPS
        for field in group.model_fields.values()
    ]


def test_the_documentation_lists_every_variable() -> None:
    lines = (ROOT / "docs/settings.md").read_text().splitlines()

    shown = [line for line in lines if re.match(r"\| `[A-Z_]+` \| .* \| .* \|", line)]
    assert shown == list_rows(), "\n".join(list_rows())


@pytest.mark.parametrize("folder", ["include", "dags", "plugins", "deploy", "docker-compose.yaml", "docs"])
def test_no_other_variable_is_named(folder: str) -> None:
    place = ROOT / folder
    paths = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
    texts = [path.read_bytes().decode(errors="ignore") for path in paths if path.suffix != ".pyc"]

    found = {name for text in texts for name in re.findall(r"\bPIPELINE_[A-Z_]*[A-Z]\b", text)}
    assert found <= {*NAMES, *set().union(*OF_OTHERS.values())}


def test_no_other_module_looks_one_up() -> None:
    lookup = re.compile(r"""(?:environ|getenv)\W+(?:get\W+)?["'](?:PIPELINE_|AIRFLOW_CONN_)""")
    modules = [path for folder in ("include", "dags", "plugins") for path in (ROOT / folder).rglob("*.py")]

    assert [str(path) for path in modules if lookup.search(path.read_text())] == []


def test_what_is_not_set_or_empty_has_its_default() -> None:
    assert Up.read({}) == Up.read(dict.fromkeys(Up.names(), " ")) == Up()
    assert (Up().ui_port, Up().training_slots) == (8080, None)
    assert (Compute().threads, Compute().onedal) == (None, "on")
    assert (Prepared().store, Prepared().limit_mb) == (None, 8192)


def test_what_is_set_has_its_type() -> None:
    compute = Compute.read({"PIPELINE_TRAINING_THREADS": " 2 ", "PIPELINE_ONEDAL": " OFF"})

    assert (compute.threads, compute.onedal) == (2, "off")
    assert ExamplesKeys.read({"PIPELINE_EXAMPLES_KEYS_FILE": "/a b"}).file == Path("/a b")
    assert AirflowLogin.read({"PIPELINE_AIRFLOW_PASSWORD": " word "}).password == " word "


@pytest.mark.parametrize("said", ["off", "OFF ", "", "  "])
def test_a_store_that_is_off_is_none(said: str) -> None:
    assert Prepared.read({"PIPELINE_PREPARED_STORE": said}).store is None


@pytest.mark.parametrize(
    ("name", "said", "allowed"),
    [
        ("PIPELINE_UI_PORT", "70000", "a whole number from 1 to 65535"),
        ("PIPELINE_TRAINING_SLOTS", "0", "a whole number from 1 to 65535"),
        ("PIPELINE_TRAINING_THREADS", "1_0", "a whole number from 1 to 1024"),
        ("PIPELINE_PREPARED_LIMIT_MB", "1.5", "a whole number from 1"),
        ("PIPELINE_ONEDAL", "yes", "on or off"),
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(name: str, said: str, allowed: str) -> None:
    group = next(group for group in GROUPS if name in group.names())

    with pytest.raises(PipelineError) as refused:
        group.read({name: said})

    assert str(refused.value) == f"{name}: '{said}' is not usable; {allowed}; set it to that, or unset it."


def test_values_become_variables_again() -> None:
    assert Deployment(home="/x", id="1").to_environ() == {"PIPELINE_HOME": "/x", "PIPELINE_DEPLOYMENT_ID": "1"}
    assert ExamplesKeys(file=Path("/c")).to_environ() == {"PIPELINE_EXAMPLES_KEYS_FILE": "/c"}
    assert ConnectionUrls(models_db="postgresql://x").missing == [
        "AIRFLOW_CONN_EXAMPLES_DB",
        "AIRFLOW_CONN_NOTIFICATIONS",
    ]


def test_no_secret_is_shown() -> None:
    secret = "s" * 9
    groups = (ExamplesKeys(inline=secret), AirflowLogin(password=secret), ConnectionUrls(models_db=secret))

    assert not any(secret in repr(group) for group in groups)
