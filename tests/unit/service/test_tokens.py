"""The tokens with which clients may ask."""

import os
from pathlib import Path

import pytest

from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.service.tokens import Tokens, read_tokens

FIRST, SECOND = "a" * 20, "b-._~+/" * 4


def header(token: str, scheme: str = "Bearer") -> bytes:
    return f"{scheme} {token}".encode()


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.touch(mode=mode)
    path.chmod(mode)
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))
    return path


def test_each_token_of_the_environment_is_known() -> None:
    tokens = Tokens.of(Service(tokens=f"{FIRST}, {SECOND}"))

    assert tokens.knows(header(FIRST))
    assert tokens.knows(header(SECOND, "bearer"))


@pytest.mark.parametrize(
    "given", [b"", b"Bearer", b"Bearer ", header("c" * 20), header(FIRST, "Basic"), FIRST.encode()]
)
def test_others_are_not(given: bytes) -> None:
    assert not Tokens.of(Service(tokens=FIRST)).knows(given)


def test_tokens_do_not_stand_in_what_is_printed() -> None:
    settings = Service(tokens=FIRST)

    assert FIRST not in repr(settings) + repr(Tokens.of(settings))


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "tokens", f"# mail team\n{FIRST}\n\n")
    tokens = Tokens.of(Service(tokens_file=path))
    assert tokens.knows(header(FIRST))
    assert tokens.reload() is False
    write(path, SECOND)
    assert tokens.reload() is True

    assert (tokens.knows(header(FIRST)), tokens.knows(header(SECOND))) == (False, True)


def test_a_file_that_becomes_unusable_leaves_the_former_tokens_valid(tmp_path: Path) -> None:
    path = write(tmp_path / "tokens", FIRST)
    tokens = Tokens.of(Service(tokens_file=path))
    write(path, "short")

    with pytest.raises(PipelineError, match="token 1 is too short"):
        tokens.reload()
    assert tokens.knows(header(FIRST))


def test_whoever_asks_the_own_service_reads_the_token_where_the_service_does(tmp_path: Path) -> None:
    path = write(tmp_path / "tokens", f"# mail team\n{FIRST}\n{SECOND}\n")

    assert read_tokens(Service(tokens_file=path)) == [FIRST, SECOND]
    assert read_tokens(Service(tokens=f" {SECOND},{FIRST}", tokens_file=path)) == [SECOND, FIRST]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Service(), "PIPELINE_SERVICE_TOKENS: not set, so nobody could ask; each 20 .*`openssl rand -hex 24`"),
        (Service(tokens="short"), "PIPELINE_SERVICE_TOKENS: token 1 is too short, or has other characters; each 20"),
        (Service(tokens=f"{FIRST},{'ü' * 20}"), "token 2 is too short, or has other characters"),
        (Service(tokens=", ,"), "holds no token"),
        (Service(tokens_file=Path("/nowhere")), r"PIPELINE_SERVICE_TOKENS_FILE \(/nowhere\): cannot be read \(No such"),
    ],
)
def test_what_is_not_usable_is_refused(settings: Service, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        Tokens.of(settings)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "tokens", FIRST, 0o644)

    with pytest.raises(PipelineError, match="has mode 0644, so others can read the tokens; mode 0600; chmod 600"):
        Tokens.of(Service(tokens_file=path))


def test_others_accept_the_same_tokens_by_their_digests() -> None:
    tokens, others = Tokens.of(Service(tokens=f"{FIRST},{SECOND}")), Tokens()
    assert not others.knows(header(FIRST))
    others.accept(tokens.digests)

    assert others.knows(header(FIRST))
    assert others.knows(header(SECOND))
    assert FIRST not in str(tokens.digests)
