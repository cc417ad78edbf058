"""A runtime for MLServer around a pipeline that gives probabilities; its own for scikit-learn would classify twice."""

import joblib
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec, StringRequestCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Classifier(MLModel):  # type: ignore[misc]
    """Classifies texts."""

    async def load(self) -> bool:
        """Read the pipeline."""
        self._pipeline = joblib.load(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Classify texts; the probabilities are in the order of the classes."""
        texts = self.decode_request(payload, default_codec=StringRequestCodec)
        shares = self._pipeline.predict_proba(texts)
        names = self._pipeline.classes_[shares.argmax(axis=1)].tolist()
        outputs = [
            StringCodec.encode_output("predict", names),
            NumpyCodec.encode_output("predict_proba", shares),
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)
