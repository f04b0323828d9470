"""A long history of typing by one person, made up: bursts of characters here and there, some taken back."""

import random

from pycrdt import Doc, Text, TransactionEvent

from bench.messages import AUTHOR_ID, ROOT_NAME

BURST = range(5, 60)  # keys pressed before the cursor moves elsewhere
BACKSPACE_SHARE = 0.08
LETTERS = "the quick brown fox jumps over a lazy dog\n"
SEED = 260


def history(edits: int) -> list[bytes]:
    """Yjs updates of one key each, the same ones every time; the last one types a character."""
    doc: Doc[Text] = Doc(client_id=AUTHOR_ID)
    text = doc.get(ROOT_NAME, type=Text)
    updates: list[bytes] = []

    def keep(event: TransactionEvent) -> None:
        updates.append(event.update)

    doc.observe(keep)
    chance = random.Random(SEED)
    position = left = 0
    for number in range(edits - 1):
        if not left:
            position, left = chance.randint(0, len(text)), chance.choice(BURST)
        left -= 1
        if position and chance.random() < BACKSPACE_SHARE:
            position -= 1
            del text[position : position + 1]
        else:
            text.insert(position, LETTERS[number % len(LETTERS)])
            position += 1
    text.insert(0, "!")
    return updates
