"""The references that a service serves, as its settings write them."""

from pipeline.environment import Service
from pipeline.errors import PipelineError
from pipeline.stores.models.read import MARK
from pipeline.variables import describe_allowed

_VARIABLE = Service.name_of("models")
_ALLOWED = describe_allowed(Service.model_fields["models"])


def read_references(text: str) -> list[str]:
    """Return the references in a setting, in its order.

    >>> read_references("@champion, w2v-lr-1f2e@3")
    ['@champion', 'w2v-lr-1f2e@3']

    Raises:
        PipelineError: there is none, one is doubled, or one has no valid form.
    """
    references = [part.strip() for part in text.split(",") if part.strip()]
    for reference in references:
        label, _, version = reference.removeprefix(MARK).partition(MARK)
        if not label or label != "".join(label.split()) or (reference.startswith(MARK) and version):
            raise PipelineError(_VARIABLE, f"{reference[:100]!r} is no reference", _ALLOWED)
        if references.count(reference) > 1:
            raise PipelineError(_VARIABLE, f"{reference!r} appears twice", "each once")
    if not references:
        raise PipelineError(_VARIABLE, "names nothing to serve", _ALLOWED)
    return references
