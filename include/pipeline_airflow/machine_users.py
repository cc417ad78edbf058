"""Airflow's simple auth manager with the users of `pipeline users`: a change to the list applies at once.

Airflow's own takes the list from a setting, which a process reads at its start, and believes what a token says.
"""

import hmac
from typing import Any

from airflow.api_fastapi.auth.managers.simple.datamodels.login import LoginBody, LoginResponse
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.auth.managers.simple.utils import parse_login_body
from airflow.configuration import conf
from fastapi import APIRouter, Depends, FastAPI, HTTPException, status

from pipeline.deployment.home import Home, find_home
from pipeline.deployment.users import read_users
from pipeline.environment import Deployment
from pipeline.errors import DeploymentError

_ID = "user_id"


class MachineUsers(SimpleAuthManager):
    """The users of the deployment on this machine.

    A token holds the id of its user's entry in the list. So it ends when the user is removed, and has the role that the
    list says now.
    """

    @staticmethod
    def get_users() -> list[SimpleAuthManagerUser]:
        return [SimpleAuthManagerUser(username=name, role=user.role) for name, user in read_users(_home()).items()]

    def serialize_user(self, user: SimpleAuthManagerUser) -> dict[str, Any]:
        return {**super().serialize_user(user), _ID: read_users(_home())[user.username].id}

    def deserialize_user(self, token: dict[str, Any]) -> SimpleAuthManagerUser:
        try:
            user = read_users(_home()).get(token["sub"])
        except DeploymentError as error:
            raise ValueError(str(error)) from error
        if user is None or user.id != token.get(_ID):
            raise ValueError("its user has been removed")
        return SimpleAuthManagerUser(username=token["sub"], role=user.role)

    def get_fastapi_app(self) -> FastAPI | None:
        app = super().get_fastapi_app()
        if app is not None:
            router = APIRouter()
            router.post("/token", status_code=status.HTTP_201_CREATED)(self._create_token)
            router.post("/token/cli", status_code=status.HTTP_201_CREATED)(self._create_cli_token)
            app.router.routes[:0] = router.routes  # in place of those that ask the setting
        return app

    def _create_token(self, body: LoginBody = Depends(parse_login_body)) -> LoginResponse:  # noqa: B008 - FastAPI's way
        """Log in, in the pages or through the REST API."""
        return self._log_in(body, conf.getint("api_auth", "jwt_expiration_time"))

    def _create_cli_token(self, body: LoginBody) -> LoginResponse:
        """Log in with a command line."""
        return self._log_in(body, conf.getint("api_auth", "jwt_cli_expiration_time"))

    def _log_in(self, body: LoginBody, seconds: int) -> LoginResponse:
        user = next((user for user in self.get_users() if user.username == body.username), None)
        password = self.get_passwords().get(body.username, "")
        matches = hmac.compare_digest(password.encode(), body.password.encode())
        if user is None or not password or not matches:
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Invalid credentials")
        return LoginResponse(access_token=self.generate_jwt(user, expiration_time_in_seconds=seconds))


def _home() -> Home:
    return Home(find_home(Deployment.read().home))
