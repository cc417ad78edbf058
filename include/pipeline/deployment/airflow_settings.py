"""Airflow's settings for one machine, each with its reason."""

from pipeline.deployment.home import Home, code_root
from pipeline.deployment.postgres import server_url
from pipeline.deployment.record import Record, Secrets

ADMIN = "admin"
TRAINING_POOL = "training"


def airflow_settings(home: Home, record: Record, secrets: Secrets, cores: int) -> dict[str, str]:
    """Return the variables that configure every Airflow component of this deployment."""
    database = server_url(record.postgres_port, secrets.postgres_password, "airflow")
    settings = {
        "core": {
            "executor": "LocalExecutor",
            "dags_folder": str(code_root() / "dags"),
            "plugins_folder": str(code_root() / "plugins"),
            "load_examples": "False",
            # A DAG of ours is there to be triggered, and nothing here has a schedule.
            "dags_are_paused_at_creation": "False",
            # The pool is the limit on training. An executor slot stays taken for up to a second after its
            # task instance has ended, so with as many slots as cores the cores stand idle.
            "parallelism": str(2 * cores + 2),
            # Counts per run; above the pool, so that it never is the limit.
            "max_active_tasks_per_dag": "1024",
            # A plan may have this many definitions. Expansion creates rows one by one: far more is slow.
            "max_map_length": "4096",
            # Tasks talk to the API server of this machine, whatever address people use.
            "execution_api_server_url": f"{record.base_url}/execution/",
            "fernet_key": secrets.fernet_key,
            "simple_auth_manager_users": f"{ADMIN}:admin",
            # Written before Airflow starts, so that it never prints a password into a log.
            "simple_auth_manager_passwords_file": str(home.airflow_passwords),
        },
        "database": {
            "sql_alchemy_conn": database.replace("postgresql:", "postgresql+psycopg2:", 1),
            "load_default_connections": "False",
        },
        "api": {
            "host": "127.0.0.1",
            "port": str(record.ui_port),
            "base_url": record.base_url,
            "secret_key": secrets.api_secret_key,
            "expose_config": "False",
        },
        "api_auth": {"jwt_secret": secrets.jwt_secret},
        "logging": {
            "base_log_folder": str(home.airflow / "logs"),
            "logging_level": "INFO",
            # Files, not terminals.
            "colored_console_log": "False",
            # Owner only; the defaults set group bits whatever the umask says.
            "file_task_handler_new_folder_permissions": "0o700",
            "file_task_handler_new_file_permissions": "0o600",
        },
        "scheduler": {
            # A short training waits for its turn less than it runs.
            "scheduler_idle_sleep_time": "0.2",
            # A wide plan is queued in few passes.
            "max_tis_per_query": "64",
            # A killed worker's definition is retried after half a minute; heartbeats come from the process
            # beside the training one, so a long training does not hold them up.
            "task_instance_heartbeat_timeout": "30",
            "task_instance_heartbeat_timeout_detection_interval": "5",
            # What was queued when a scheduler was killed is queued again soon, not after five minutes.
            "orphaned_tasks_check_interval": "30",
        },
        "workers": {
            # The end of a task is noticed at a heartbeat: the default of five seconds idles a slot that long.
            "min_heartbeat_interval": "1",
            # At one a second, this lets a task outlive a restart of the API server.
            "max_failed_heartbeats": "60",
        },
        "dag_processor": {
            # One DAG file that rarely changes.
            "parsing_processes": "1",
            "min_file_process_interval": "60",
            "refresh_interval": "30",
            "print_stats_interval": "0",
        },
    }
    return {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for section, options in settings.items()
        for name, value in options.items()
    }
