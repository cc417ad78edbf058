"""What may stand in airflow_settings.yaml, and what is said of what may not."""

from pathlib import Path

import pytest
from airflow.sdk import Connection

from pipeline.deployment.settings import SETTINGS_FILE, Settings, SettingsError, read_settings

ROOT = Path(__file__).parents[4]
CONNECTION = "airflow: {connections: [{conn_id: a, conn_type: http, %s}]}"


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.yaml"
    path.write_text(text)
    return read_settings(path)


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text)
    return str(refused.value)


def test_the_repositorys_own_file_names_the_three_connections_and_the_pool() -> None:
    settings = read_settings(ROOT / SETTINGS_FILE)

    assert [each.conn_id for each in settings.connections] == ["examples_db", "models_db", "notifications"]
    assert [each.pool_name for each in settings.pools] == ["training"]
    assert {(each.conn_host, each.conn_password) for each in settings.connections} == {("postgres", "postgres")}


def test_the_documentations_example_is_taken(tmp_path: Path) -> None:
    page = (ROOT / "docs/settings.md").read_text()

    settings = read(tmp_path, page.partition("```yaml\n")[2].partition("```")[0])

    assert [pool.pool_name for pool in settings.pools] == ["training", "reports"]
    assert settings.connections[0].fields["extra"] == {"sslmode": "require"}


def test_the_repositorys_notifications_are_an_address_that_the_queue_takes() -> None:
    setting = read_settings(ROOT / SETTINGS_FILE).connections[2]

    uri = Connection(conn_id=setting.conn_id, **setting.fields).get_uri()

    assert uri == "postgres://postgres:postgres@postgres:5432/notifications"  # see the tests of `open_queue`


@pytest.mark.parametrize("text", ["airflow: {}", "airflow: {connections: , pools: [], variables: }"])
def test_lists_that_are_missing_or_empty_are_no_mistake(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == Settings()


def test_the_empty_rows_of_the_astro_clis_template_count_for_nothing(tmp_path: Path) -> None:
    text = "airflow: {pools: [{pool_name: , pool_slot: }], variables: [{variable_name: , variable_value: }]}"

    assert read(tmp_path, text) == Settings()


def test_all_mistakes_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        """
        airflow:
          connections:
            - {conn_id: a b, conn_type: http, port: 80}
            - {conn_id: c}
          pools:
            - {pool_name: p, pool_slot: 0}
            - {pool_slot: "5"}
          variables:
            - {variable_name: v, variable_value: true}
          secrets: []
        """,
    )

    assert len(said.splitlines()) == 8
    for place, what in (
        ("connections[0].conn_id", "'a b': letters, digits"),
        ("connections[0].port", "no such field; allowed: conn_id, conn_type, conn_host"),
        ("connections[1]", "neither conn_type nor conn_uri"),
        ("pools[0].pool_slot", "at least 1, or -1"),
        ("pools[1].pool_name", "is missing"),
        ("pools[1].pool_slot", "is not a whole number; write one, without quotes"),
        ("variables[0].variable_value", "is not text; put it in quotes"),
        ("secrets", "no such field; allowed: connections, pools, variables"),
    ):
        assert any(f"airflow.{place}: " in line and what in line for line in said.splitlines()), (place, said)


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    pool = "{pool_name: p, pool_slot: 1}"

    said = refusal(tmp_path, f"airflow: {{pools: [{pool}, {pool}]}}")

    assert "airflow.pools: 'p' appears more than once; keep one of them." in said


def test_a_list_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "settings.yaml:3:3: not YAML: pools appears twice" in refusal(
        tmp_path, "airflow:\n  pools: []\n  pools: []\n"
    )


def test_an_address_beside_its_parts_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, "airflow: {connections: [{conn_id: a, conn_uri: 'http://h', conn_host: h}]}")

    assert "conn_uri is given together with conn_host; give only one of them" in said


@pytest.mark.parametrize(
    "field",
    [
        "conn_uri: secret-word",
        "conn_extra: 'secret-word'",
        "conn_extra: {since: 2016-01-01, word: secret-word}",
        "conn_password: [secret-word]",
        "conn_port: {secret-word",
        "conn_host: !secret-word x",
        "secret_word: secret-word",
    ],
)
def test_a_refusal_repeats_no_value_that_may_be_a_secret(tmp_path: Path, field: str) -> None:
    assert "secret-word" not in refusal(tmp_path, CONNECTION % field).replace("!secret-word", "")


def test_a_password_as_airflow_shows_it_is_refused(tmp_path: Path) -> None:
    assert "what Airflow shows in place of a password" in refusal(tmp_path, CONNECTION % "conn_password: '***'")


@pytest.mark.parametrize("extra", ["{timeout: 5}", "'{\"timeout\": 5}'"])
def test_extra_is_a_mapping_or_the_text_of_one(tmp_path: Path, extra: str) -> None:
    settings = read(tmp_path, CONNECTION % f"conn_extra: {extra}")

    assert settings.connections[0].fields == {"conn_type": "http", "extra": {"timeout": 5}}


def test_a_whole_number_is_a_variables_text(tmp_path: Path) -> None:
    settings = read(tmp_path, "airflow: {variables: [{variable_name: v, variable_value: 5}]}")

    assert settings.variables[0].variable_value == "5"


@pytest.mark.parametrize("text", ["", "[]", "airflow: []", "airflow: {pools: 5}", "air: {}"])
def test_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    assert "settings.yaml" in refusal(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: cannot be read .*--file"):
        read_settings(tmp_path / "nowhere.yaml")


def test_only_a_pool_that_is_named_gets_another_size(tmp_path: Path) -> None:
    settings = read(tmp_path, "airflow: {pools: [{pool_name: p, pool_slot: 1}, {pool_name: q, pool_slot: 1}]}")

    assert [pool.pool_slot for pool in settings.with_slots("p", 9).pools] == [9, 1]
    assert settings.with_slots("training", 9) == settings
