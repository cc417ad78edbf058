"""The one file of Airflow's tuning, which every deployment reads in its own way."""

import re
import subprocess
import sys
from pathlib import Path

from pipeline.deployment.airflow_settings import TUNING_FILE, airflow_settings, read_tuning
from pipeline.deployment.home import Home
from pipeline.deployment.record import Record, Secrets

LINES = [line for line in TUNING_FILE.read_text().splitlines() if line and not line.startswith("#")]


def test_every_reader_of_environment_files_understands_every_line() -> None:
    assert len(read_tuning()) == len(LINES) > 20
    for line in LINES:
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*=[^\s\"'$#]+", line), line


def test_airflow_knows_every_setting() -> None:
    import airflow.configuration
    from airflow.providers.celery.get_provider_info import get_provider_info

    known = airflow.configuration.retrieve_configuration_description()
    known |= get_provider_info()["config"]  # type: ignore[no-untyped-call]
    for name in read_tuning():
        if name.startswith("AIRFLOW__"):
            _, section, option = name.lower().split("__")
            # the one setting that Airflow reads and does not describe
            assert option in known[section]["options"] or option == "num_stuck_in_queued_retries", name


def test_a_machine_of_its_own_has_all_of_it_and_its_addresses(tmp_path: Path) -> None:
    record = Record.new()
    settings = airflow_settings(Home(tmp_path), record, Secrets.new(), cores=2)

    assert read_tuning().items() <= settings.items()
    assert settings["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    # readers of pages use another server
    assert settings["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"http://127.0.0.1:{record.execution_port}/execution/"
    assert settings["AIRFLOW__API__PORT"] == str(record.ui_port) != str(record.execution_port)


def test_a_parent_of_tasks_preloads_and_nothing_else_does(tmp_path: Path) -> None:
    def loads(*argv: str, executor: str) -> bool:
        code = "import sys; sys.argv = sys.argv[1:]; import airflow_local_settings; print('sklearn.svm' in sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", code, *argv],
            env={
                "AIRFLOW__CORE__EXECUTOR": executor,
                "PATH": "",
                "AIRFLOW_HOME": str(tmp_path),
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().endswith("True")

    assert loads("airflow", "scheduler", executor="LocalExecutor")
    assert loads("airflow", "celery", "worker", executor="CeleryExecutor")
    assert not loads("airflow", "scheduler", executor="CeleryExecutor")
    assert not loads("airflow", "api-server", executor="LocalExecutor")


def test_a_page_of_a_log_cuts_no_line() -> None:
    assert read_tuning()["AIRFLOW__API__DEFAULT_WRAP"] == "True"


def test_the_settings_file_does_not_say_how_many_slots_one_machine_has() -> None:
    told = (Path(__file__).parents[3] / "airflow_settings.yaml").read_text(encoding="utf-8")

    assert "`pipeline up` makes the" in told
    assert not re.search(r"(twice|times|more than) (as many as )?(the )?cores", told)
