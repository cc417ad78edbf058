"""Nearest centroid."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from pipeline.lazy import np
from pipeline.models.machinery.calibration import CalibratedOptions
from pipeline.models.machinery.scikit import ScikitModel
from pipeline.serialisation.containers import Array, Record
from pipeline.serialisation.schema import refuse

# Means of float32 numbers are below the first, and how they vary is above the second unless it is 0. Between the
# two every quotient and every square is a number.
_LARGEST = 1e45
_SMALLEST = 1e-100


class ScikitModelNearestCentroid(ScikitModel):
    """Answers the class whose centre is nearest to the example, known as Rocchio's method for texts.

    Centres can be shrunk towards the centre of all examples, which removes numbers that separate classes badly
    (Tibshirani et al. 2002, doi:10.1073/pnas.082099299). It provides probabilities only if it is calibrated.
    """

    name: ClassVar[str] = "scikit_model_nearest_centroid"
    short_name: ClassVar[str] = "nearest-centroid"

    class Options(CalibratedOptions):
        metric: Literal["euclidean", "manhattan"] = Field(
            default="euclidean",
            description="How the distance to a centre is measured; a centre is the mean of its class's examples, or "
            "with manhattan the median of each number.",
        )
        shrink_threshold: Annotated[float, Field(gt=0, le=1e3)] | None = Field(
            default=None,
            description="How many standard deviations centres move towards the centre of all; null: they stay.",
        )
        priors: Literal["uniform", "empirical"] = Field(
            default="uniform",
            description="uniform: all classes are equally likely a priori; empirical: frequent classes are more "
            "likely, and numbers that vary much within classes count less.",
        )

    learnt: ClassVar[Record] = Record({"centroids": Array("float64", ("classes", "width"), -_LARGEST, _LARGEST)})

    def declare(self) -> Record:
        return Record(dict(super().declare().fields) | dict(self._declare_scale()))

    def _declare_scale(self) -> dict[str, Array]:
        """Return what is learnt in addition to the centroids; empty if each row simply gets the nearest one's class."""
        spread = {"within_class_std_dev": Array("float64", ("width",), 0.0, _LARGEST)}
        shares = {"class_prior": Array("float64", ("classes",), 0.0, 1.0)}
        if self.options.priors == "empirical":
            return spread | shares
        return spread if self.calibration else {}

    @property
    def gives_probabilities(self) -> bool:
        # the estimator's own probabilities do not agree with its answers
        return self.calibration is not None

    def make_estimator(self, seed: int) -> Any:  # noqa: ARG002 - nothing is drawn at random
        from pipeline.models.machinery.estimators.centroids import SparseCentroids

        return SparseCentroids(**self.estimator_options())

    def read_estimator(self, estimator: Any) -> dict[str, Any]:
        return {name: getattr(estimator, f"{name}_").copy() for name in ("centroids", *self._declare_scale())}

    def write_estimator(self, estimator: Any, learnt: dict[str, Any]) -> None:
        classes = len(estimator.classes_)
        estimator.centroids_ = np.array(learnt["centroids"], order="C")
        shares = np.array(learnt.get("class_prior", np.full(classes, 1 / classes)))
        if not np.isclose(shares.sum(), 1) or shares.min() <= 0:
            refuse("model.learnt.class_prior", "numbers that are no shares", "shares above 0 that add up to 1")
        spread = np.array(learnt.get("within_class_std_dev", np.zeros(learnt["width"])))
        if np.any((spread > 0) & (spread < _SMALLEST)):
            refuse("model.learnt.within_class_std_dev", "a number next to 0", f"0, or numbers from {_SMALLEST:g}")
        estimator.class_prior_, estimator.within_class_std_dev_ = shares, spread
