"""Models that the metric of a plan cannot rank."""

from factories import make_plan
from pipeline.plans import check_plan


def test_log_loss_needs_models_with_probabilities() -> None:
    (finding,) = check_plan(make_plan(metric="log_loss"))

    assert str(finding).startswith("metric: log_loss, but scikit_model_svm provides no probabilities")


def test_a_calibrated_model_has_probabilities() -> None:
    assert check_plan(make_plan(metric="log_loss", model__options__calibration=["sigmoid"])) == []
