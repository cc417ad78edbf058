"""The state folder of a deployment: where it is and what is in it."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import DeploymentError


@dataclass(frozen=True)
class Home:
    """The paths below one state folder. Only its owner can read what is in it."""

    path: Path

    @property
    def record(self) -> Path:
        """Ports, the deployment's id, and what has been set up so far."""
        return self.path / "deployment.json"

    @property
    def secrets(self) -> Path:
        """Passwords and signing keys."""
        return self.path / "secrets.json"

    @property
    def examples_keys(self) -> Path:
        """The key ring with which examples are encrypted."""
        return self.path / "examples.keys"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data folder."""
        return self.path / "postgres"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME."""
        return self.path / "airflow"

    @property
    def airflow_passwords(self) -> Path:
        """The file with the passwords of Airflow's login."""
        return self.airflow / "passwords.json"

    @property
    def users(self) -> Path:
        """Who may log in to Airflow, and as what."""
        return self.path / "users.json"

    @property
    def prepared(self) -> Path:
        """What trainings share: a cache, encrypted; can be deleted at any time."""
        return self.path / "prepared"

    @property
    def service_tokens(self) -> Path:
        """The file with the tokens that the classification service accepts."""
        return self.path / "service.tokens"

    @property
    def service_keys(self) -> Path:
        """The keys with which the classification service encrypts what it keeps."""
        return self.path / "service.keys"

    @property
    def service_documents(self) -> Path:
        """What the classification service starts from when nothing else runs; can be deleted at any time."""
        return self.path / "service"

    @property
    def logs(self) -> Path:
        """One rotated log file per program; task logs are below `airflow/logs`."""
        return self.path / "logs"

    @property
    def lock(self) -> Path:
        """Held by the process that starts or stops the deployment."""
        return self.path / "lock"

    @property
    def session(self) -> Path:
        """The number of the session of supervisord and all that it starts; exists while they may be running."""
        return self.path / "session"

    @property
    def kept(self) -> tuple[Path, ...]:
        """The files that only a deployment leaves in a folder, and that it needs again."""
        return (self.record, self.secrets, self.examples_keys, self.postgres)

    @property
    def secret_files(self) -> tuple[Path, ...]:
        """Every file with a secret in it: anyone who can read one, or change one, controls the deployment."""
        config = self.airflow / "airflow.cfg"
        logins = (self.users, self.airflow_passwords)
        service = (self.service_tokens, self.service_keys)
        return (self.secrets, self.examples_keys, *logins, *service, self.supervisor_settings, config)

    @property
    def supervisor_settings(self) -> Path:
        """The file that supervisord reads."""
        return self.path / "supervisord.conf"

    def log_of(self, program: str) -> Path:
        """Return the log file of a program."""
        return self.logs / f"{program}.log"


def find_home(given: str | None = None, start: Path | None = None) -> Path:
    """Return `given` (the value of PIPELINE_HOME), or `.pipeline` in this project's folder above `start`.

    Args:
        given: a path, `~` allowed; None or an empty text if PIPELINE_HOME is not set.
        start: where to search from; by default the current folder. Outside of any checkout, the checkout of this code
            has the deployment; if this code is installed without one, `start` has it.
    """
    if given:
        return Path(given).expanduser().absolute()
    start = (start or Path.cwd()).absolute()
    folders = (start, *start.parents, code_root())
    return next((folder for folder in folders if (folder / "include/pipeline").is_dir()), start) / ".pipeline"


def make_home(path: Path) -> Home:
    """Create the missing parts of a state folder.

    Raises:
        DeploymentError: the folder cannot be written.
    """
    home = Home(path)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
        for folder in (home.logs, home.airflow, home.airflow / "config"):
            folder.mkdir(mode=0o700, exist_ok=True)
        home.lock.touch(mode=0o600)
    except OSError as error:
        raise DeploymentError(
            str(path),
            f"the state folder cannot be written ({error.strerror})",
            next_step="set PIPELINE_HOME to a folder that you can write",
        ) from error
    return home


def code_root() -> Path:
    """Return the folder that contains `dags/`, `plugins/` and `include/`."""
    return Path(__file__).resolve().parents[3]
