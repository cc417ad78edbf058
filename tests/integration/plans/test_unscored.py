"""Models that the metric of a plan cannot rank."""

from factories import make_plan
from pipeline.plans import check_plan


def test_log_loss_needs_models_with_probabilities() -> None:
    (finding,) = check_plan(make_plan(metric="log_loss"))

    assert str(finding).startswith("metric: log_loss, but with options of this plan no probabilities")


def test_a_calibrated_model_has_probabilities() -> None:
    assert check_plan(make_plan(metric="log_loss", model__options__calibration=["sigmoid"])) == []


def test_it_does_not_depend_on_the_sample() -> None:
    options = {"metric": "log_loss", "model__options__calibration": [None, "sigmoid"]}
    plans = [make_plan(**options, sample=1, seed=seed) for seed in range(8)]

    assert [len(check_plan(plan)) for plan in plans] == [1] * 8
