"""What those who write a plan are told: what is wrong and where, what it selects, and how it splits."""

import json
from typing import Any

import pytest

from factories import PLAN, make_plan
from integration.january import load_january
from integration.registry.client import ANN, Client
from pipeline.errors import PipelineError
from pipeline.examples.keyring import KeyRing
from pipeline.plans import PlanError, check_plan
from pipeline.plans.example import EXAMPLE_PLAN
from pipeline.plans.limits import LARGEST_PLAN_BYTES
from pipeline.plans.schema import plan_schema
from pipeline.registry.app import make_app
from pipeline.runs import outline
from pipeline.runs.connections import Connections
from pipeline.runs.count_classes import MOST_DATASETS, count_classes
from pipeline.runs.open import open_run
from pipeline.runs.train import train
from pipeline.stores.database import Database
from pipeline.stores.models import split_accounts
from pipeline.stores.models.split_accounts import SplitAccounts
from pipeline.training.lineage import TaskRun

JANUARY = make_plan(
    adapter={"name": "WordFrequencyAdapter", "options": {"sequence_length": [8], "vocabulary_size": [50, 100]}},
    model={"name": "scikit_model_svm", "options": {"kernel": ["linear"]}},
    dataset__options__end_datetime_str=["2016-2-1"],
)


@pytest.fixture
def connections(
    examples_db: Database, models_db: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Connections:
    """What a worker has: databases with forty examples of two classes, and the keys."""
    keyring = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: keyring)
    load_january(examples_db, keyring)
    found = Connections(examples_db, models_db, postgres_url)
    assert found.keyring is keyring  # read before a test puts another in its place
    return found


@pytest.fixture
def asking(connections: Connections) -> Client:
    """What `ann` is answered by a registry that has a connection to the examples, and no keys."""
    allowed = ANN
    return Client(
        make_app(allowed, lambda: connections.models_db, connect_examples=lambda: connections.examples_db, most=1_000)
    )


def preview(client: Client, plan: Any) -> Any:
    """Return what is told about a plan, or about the text of one."""
    text = plan if isinstance(plan, str) else json.dumps(plan, indent=2)
    answer = client.request("POST", "/plans/preview", json={"plan": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


def only_split(client: Client, plan: Any = JANUARY) -> Any:
    [split] = preview(client, plan)["preview"]["splits"]
    return split


def test_a_plan_is_counted_without_a_key(asking: Client) -> None:
    told = preview(asking, JANUARY)

    assert (told["findings"], told["warnings"], told["not_known"]) == ([], [], [])
    seen = told["preview"]
    assert (seen["definitions"], seen["permutations"], seen["to_train"], seen["forecast"]) == (2, 2, 2, None)
    assert [each["differences"] for each in seen["labels"]] == ["vocabulary_size=50", "vocabulary_size=100"]
    [split] = seen["splits"]
    assert (split["selected"], split["definitions"], split["account"], split["failure"]) == (40, 2, None, None)


def test_findings_say_where_in_the_text_they_are(asking: Client) -> None:
    text = json.dumps(make_plan(model__options__kernel=["rbf", "rfb"]), indent=2)

    told = preview(asking, text)

    assert told["preview"] is None
    [finding] = told["findings"]
    assert finding["path"] == "model.options.kernel[1]"
    assert "rbf" in finding["suggestion"]
    line = text.splitlines()[finding["line"] - 1]
    assert line[finding["column"] - 1 :] == '"rfb"'


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [('{\n "dataset": }', 2, 13), ("", 1, 1), ('{"seed": 1,\n "seed": 2}', 1, 1), ("[" * 40 + "]" * 40, 1, 1)],
)
def test_a_text_that_is_no_plan_has_a_finding_at_its_place(asking: Client, text: str, line: int, column: int) -> None:
    [finding] = preview(asking, text)["findings"]

    assert (finding["line"], finding["column"]) == (line, column)


def test_the_findings_are_those_of_the_check(asking: Client) -> None:
    plan = make_plan(model__options__degree=[True], adapter__name="Word2VecAdaptor") | {"sede": 1}

    told = preview(asking, plan)

    assert [each["sentence"] for each in told["findings"]] == [str(each) for each in check_plan(plan)]


def test_a_span_without_examples_is_a_finding(asking: Client) -> None:
    [finding] = preview(asking, PLAN | {"dataset": make_plan(dataset__options__collection=["spam"])["dataset"]})[
        "findings"
    ]

    assert "holds no examples" in finding["what"]
    assert (finding["path"], finding["line"] is not None) == ("dataset.options", True)


def test_without_the_connection_everything_else_is_told(client: Client) -> None:
    told = preview(client, JANUARY)

    assert told["preview"]["definitions"] == 2
    assert told["preview"]["splits"][0]["selected"] is None
    [missing] = told["not_known"]
    assert "registry_examples_db" in missing["why"]


def test_databases_that_do_not_answer_are_said_to_be_the_reason() -> None:
    gone = Database.from_url("gone_db", "postgresql://nobody@127.0.0.1:1/none")
    client = Client(make_app(ANN, lambda: gone, connect_examples=lambda: gone))

    told = preview(client, JANUARY | {"on_existing": "reuse"})

    assert told["preview"]["definitions"] == 2
    assert {"how many examples there are", "which models are reused"} == {each["what"] for each in told["not_known"]}
    assert client.get("/plans/example") == EXAMPLE_PLAN


def test_a_slow_question_is_not_waited_for(
    asking: Client, monkeypatch: pytest.MonkeyPatch, connections: Connections
) -> None:
    monkeypatch.setattr(outline, "SECONDS", 0.2)
    with connections.examples_db.connection() as connection:
        connection.execute("LOCK TABLE examples IN ACCESS EXCLUSIVE MODE")
        told = preview(asking, JANUARY)

    assert told["preview"]["definitions"] == 2
    assert "takes longer than 0.2 s" in told["not_known"][0]["why"]


def test_a_huge_plan_is_counted_and_not_listed(asking: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "MOST_DEFINITIONS", 100)
    plan = make_plan(model__options__degree=[*range(1, 11)], model__options__C=[*range(1, 12)]) | {
        "dataset": JANUARY["dataset"],
        "max_definitions": 1_000_000,
    }

    told = preview(asking, plan)

    assert (told["preview"]["definitions"], told["preview"]["listed"]) == (220, False)
    assert "at most 100 are listed here" in told["not_known"][0]["why"]


def test_very_many_blocks_are_not_looked_at(asking: Client) -> None:
    blocks = [{"name": "scikit_model_svm", "options": {"C": [1, number]}} for number in range(2, 1_003)]

    told = preview(asking, JANUARY | {"model": blocks, "max_definitions": 10_000, "sample": 3_000})

    assert (told["preview"]["permutations"], told["preview"]["definitions"]) == (4_004, 3_000)
    assert "has 1,001 blocks" not in told["not_known"][0]["why"]  # those of the other sections count too
    assert "has 1,003 blocks; at most 1,000 are looked at here" in told["not_known"][0]["why"]


def test_more_than_one_run_takes_is_a_finding(connections: Connections) -> None:
    client = Client(make_app(ANN, lambda: connections.models_db, most=1))

    [finding] = preview(client, JANUARY)["findings"]

    assert finding["allowed"] == "one run takes at most 1"


def test_a_text_that_is_too_large_is_a_finding(asking: Client) -> None:
    [finding] = preview(asking, " " * (LARGEST_PLAN_BYTES + 1))["findings"]

    assert finding["what"] == "too large"


def test_classes_are_known_once_a_worker_has_counted_them(asking: Client, connections: Connections) -> None:
    block = only_split(asking)["dataset"]

    assert count_classes([block], connections) == 1
    account = only_split(asking)["account"]

    assert account["by_class"] == {"training": {"fruit": 16, "metal": 16}, "testing": {"fruit": 4, "metal": 4}}
    assert (account["examples"]["training"]["count"], account["problem"]) == (32, "")
    assert count_classes([block], connections) == 0  # it is there
    assert only_split(asking, make_plan(**JANUARY) | {"seed": 7})["account"] == account


def test_an_account_is_of_the_examples_that_were_there(asking: Client, connections: Connections) -> None:
    count_classes(JANUARY["dataset"], connections)
    load_january(connections.examples_db, connections.keyring, 50)

    split = only_split(asking)

    assert (split["selected"], split["account"]) == (50, None)


def test_a_dataset_that_cannot_split_has_its_problem_as_account(asking: Client, connections: Connections) -> None:
    plan = JANUARY | {"dataset": make_plan(dataset__options__end_datetime_str=["2016-1-1T01:00"])["dataset"]}
    count_classes(plan["dataset"], connections)

    account = only_split(asking, plan)["account"]

    assert account["examples"] is None
    assert "split into" in account["problem"]


def test_a_worker_without_keys_says_why(
    asking: Client, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = KeyRing.generate()
    monkeypatch.setattr(KeyRing, "of", lambda _: others)

    with pytest.raises(PipelineError, match="has no key"):
        count_classes(JANUARY["dataset"], Connections(connections.examples_db, connections.models_db, ""))

    split = only_split(asking)
    assert split["account"] is None
    assert "has no key" in split["failure"]
    assert count_classes(JANUARY["dataset"], connections) == 1  # with the keys, it is counted after all
    assert only_split(asking)["failure"] is None


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        (None, "dataset: got null"),
        ({"name": "SpanDatset"}, "did you mean SpanDataset"),
        (make_plan(dataset__options__training_ratio=[n / 100 for n in range(1, MOST_DATASETS + 2)])["dataset"], "50"),
        (make_plan(dataset__options__start_datetime_str=["2016-1-3"])["dataset"], "must come after"),
    ],
)
def test_a_worker_refuses_wrong_blocks(connections: Connections, section: Any, reason: str) -> None:
    with pytest.raises(PlanError, match=reason):
        count_classes(section, connections)


def test_what_a_model_was_trained_on_is_known_from_it(asking: Client, connections: Connections) -> None:
    [label, _] = open_run("run-1", JANUARY, connections)
    train(label, TaskRun("run-1"), connections)

    told = preview(asking, JANUARY | {"on_existing": "reuse"})["preview"]

    [split] = told["splits"]
    assert (split["account"]["examples"]["testing"]["count"], split["account"]["by_class"]) == (8, None)
    assert (told["reused"], told["to_train"], told["forecast"]["definitions"]) == (1, 1, 2)


def test_only_the_newest_accounts_are_kept(connections: Connections, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split_accounts, "MOST_KEPT", 2)
    for ratio in (0.5, 0.6, 0.7):
        count_classes(make_plan(dataset__options__training_ratio=[ratio])["dataset"], connections)

    with SplitAccounts(connections.models_db).database.connection() as connection:
        rows = connection.execute("SELECT dataset #>> '{options,training_ratio}' FROM split_accounts").fetchall()

    assert sorted(rows) == [("0.6",), ("0.7",)]


def test_the_example_fits_the_newest_examples(asking: Client) -> None:
    example = asking.get("/plans/example")

    assert [*example["dataset"]["options"].items()] == [
        ("start_datetime_str", ["2016-1-1"]),
        ("end_datetime_str", ["2016-1-3"]),
        ("training_ratio", [0.8]),
    ]
    assert preview(asking, example)["preview"]["definitions"] == 3


def test_the_schema_has_every_option_with_its_default(client: Client) -> None:
    assert client.get("/plans/schema") == plan_schema()


def test_the_plan_of_a_run_has_its_keys_in_order(asking: Client, connections: Connections) -> None:
    open_run("run-1", JANUARY, connections)

    assert json.dumps(asking.get("/runs/run-1/plan")) == json.dumps(JANUARY)
    assert asking.refuse("GET", "/runs/another/plan")[0] == 404


def test_a_user_who_may_train_is_named(client: Client) -> None:
    assert client.get("/plans/trainer") == {"user": "ann"}
