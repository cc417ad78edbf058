"""What `pipeline serve` says about settings that are missing or cannot be used: at once, before it serves anything."""

import fcntl
import os
from pathlib import Path
from threading import Thread

import pytest

from commands import run_pipeline
from integration.service.running import PATIENCE_SECONDS, TOKEN, start_service, wait_until
from pipeline.deployment.ports import free_port
from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.examples.keyring import KeyRing
from pipeline.service.saved import open_saved

MODELS_DB = {"AIRFLOW_CONN_MODELS_DB": "postgresql://nobody:x@127.0.0.1:1/nothing"}
TOKENS = {"PIPELINE_SERVICE_TOKENS": TOKEN}


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            TOKENS,
            "names neither AIRFLOW_CONN_MODELS_DB nor PIPELINE_AIRFLOW_URL; set one of them, or run `pipeline up`",
        ),
        (MODELS_DB, "PIPELINE_SERVICE_TOKENS: not set, so nobody could ask"),
        (TOKENS | {"AIRFLOW_CONN_MODELS_DB": "s3cret"}, "AIRFLOW_CONN_MODELS_DB: its address is malformed"),
        (TOKENS | {"PIPELINE_AIRFLOW_URL": "http://x"}, "PIPELINE_AIRFLOW_USERNAME, PIPELINE_AIRFLOW_PASSWORD not set"),
        (
            TOKENS | MODELS_DB | {"AIRFLOW_CONN_NOTIFICATIONS": "redis://:s3cret@x"},
            "notifications: no supported broker has an address with redis://",
        ),
        (
            TOKENS | MODELS_DB | {"AIRFLOW_CONN_NOTIFICATIONS": "amqp://x", "PIPELINE_SERVICE_QUEUE": "My queue"},
            "notifications: 'My queue' is not a consumer name",
        ),
        (
            TOKENS | MODELS_DB | {"PIPELINE_SERVICE_HOST": "192.0.2.1"},
            "PIPELINE_SERVICE_HOST: '192.0.2.1' is no address of this machine",
        ),
        (
            TOKENS
            | MODELS_DB
            | {"PIPELINE_SERVICE_FOLDER": "/proc/none", "PIPELINE_SERVICE_KEYS_FILE": "/proc/none/keys"},
            "PIPELINE_SERVICE_KEYS_FILE (/proc/none/keys): cannot be made",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_ends_it_with_a_sentence(
    environ: dict[str, str], message: str, tmp_path: Path
) -> None:
    own = {"PIPELINE_HOME": str(tmp_path / "none"), "PIPELINE_SERVICE_PORT": str(free_port())}
    done = run_pipeline(own | environ, "serve")

    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stderr


def test_what_is_missing_to_keep_documents_is_named(tmp_path: Path) -> None:
    with start_service(tmp_path, {**MODELS_DB, "PIPELINE_SERVICE_KEYS_FILE": ""}) as service:
        wait_until(lambda: "not_set=PIPELINE_SERVICE_KEYS_FILE" in service.said, "the warning")


def test_a_second_signal_on_the_way_out_disturbs_nothing(tmp_path: Path) -> None:
    with start_service(tmp_path, MODELS_DB) as service:
        service.process.send_signal(15)
        service.process.send_signal(2)
        service.process.send_signal(15)

        assert service.process.wait(PATIENCE_SECONDS) == 0, service.said
        assert "Traceback" not in service.said


def test_services_that_share_a_volume_make_its_keys_once(tmp_path: Path) -> None:
    settings = Service(folder=tmp_path / "documents", keys_file=tmp_path / "new/keys")
    (tmp_path / "new").mkdir()
    folder = os.open(tmp_path / "new", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # another one makes them
    second = Thread(target=open_saved, args=(settings,))
    second.start()
    first = KeyRing.generate()
    first.save(tmp_path / "new/keys")
    os.close(folder)
    second.join()

    saved = open_saved(settings)
    assert saved is not None
    assert saved.keyring.ids == first.ids


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    settings = Service(folder=tmp_path / "documents", keys_file=tmp_path / "keys")
    open_saved(settings)
    (tmp_path / "keys").chmod(0o640)

    with pytest.raises(PipelineError, match=r"PIPELINE_SERVICE_KEYS_FILE \(.*\): has mode 0640, so others can read"):
        open_saved(settings)
