"""The cheap bound on a text's size never lies below it, so that no document grows past its limit unseen (P10)."""

import random

from pycrdt import Doc, Text

from protocol.yjs.update import check_update
from server.features.documents.replica import Replica

ROOT_NAME = "codemirror"
PIECES = ("a", "word ", "ä", "漢字", "👩‍👩‍👧", "line\n" * 40)
SEED = 20


def test_the_bound_holds_through_random_typing_and_deleting() -> None:
    chance = random.Random(SEED)
    replica, doc = Replica(ROOT_NAME), Doc[Text]()
    text = doc.get(ROOT_NAME, type=Text)
    for _ in range(300):
        before = doc.get_state()
        if len(text) and chance.random() < 0.3:
            text.clear()
        else:
            text.insert(0, chance.choice(PIECES))
        update = doc.get_update(before)
        replica.apply(update, check_update(update))
        assert replica.text_bytes_at_most >= len(text)
        if chance.random() < 0.1:
            assert replica.text_bytes == replica.text_bytes_at_most == len(text), f"seed {SEED}"
