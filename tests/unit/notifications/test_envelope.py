"""What a broker is told about the two kinds of messages."""

import pytest

from integration.notifications.brokers import make_message
from pipeline.notifications.message import Envelope, make_envelope


@pytest.mark.parametrize("event", ["alias.moved", "alias.removed"])
def test_a_move_is_known_by_its_number_and_found_by_its_alias(event: str) -> None:
    message = {"event": event, "move": 7, "alias": "champion", "label": None}

    assert make_envelope(message) == Envelope("alias:7", event, "alias.champion")


def test_a_trained_label_is_known_by_its_content_and_found_by_its_classes() -> None:
    first, again, other = (make_envelope(make_message("a", scores={"accuracy": score})) for score in (0.5, 0.5, 0.6))

    assert first.type == "label.trained"
    assert first.routing_key == "SpanDataset.WordFrequencyAdapter.scikit_model_svm"
    assert first.id == again.id != other.id
    assert first.id.startswith("a:1:")
