"""What a command or an event is for is said where it is declared: the API's documents are made of it."""

import pytest

from protocol.model import WireModel
from tools.wire_models import find_models

MODELS = find_models()


@pytest.mark.parametrize(
    "model", [*MODELS.commands, *MODELS.events, *MODELS.others], ids=lambda model: str(model.__name__)
)
def test_every_model_of_the_wire_says_what_it_is(model: type[WireModel]) -> None:
    assert (model.__doc__ or "").strip().endswith((".", ")")), f"{model.__name__} needs a docstring: it is a sentence"
