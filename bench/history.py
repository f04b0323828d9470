"""Documents to replay and to join: a long history of typing by one person, made up, and a large text."""

import random
from functools import cache

from pycrdt import Doc, Text, TransactionEvent

from bench.messages import FIRST_AUTHOR, ROOT_NAME

BURST = range(5, 60)  # keys pressed before the cursor moves elsewhere
BACKSPACE_SHARE = 0.08
LETTERS = "the quick brown fox jumps over a lazy dog\n"
SEED = 260
LINE = "every line of this text has forty chars\n"


@cache
def history(edits: int) -> list[bytes]:
    """Yjs updates of one key each, the same ones every time; the last one types a character."""
    doc: Doc[Text] = Doc(client_id=FIRST_AUTHOR)
    text = doc.get(ROOT_NAME, type=Text)
    updates: list[bytes] = []

    def keep(event: TransactionEvent) -> None:
        updates.append(event.update)

    doc.observe(keep)
    chance = random.Random(SEED)
    position = left = length = 0
    for number in range(edits - 1):
        if not left:
            position, left = chance.randint(0, length), chance.choice(BURST)
        left -= 1
        if position and chance.random() < BACKSPACE_SHARE:
            position -= 1
            length -= 1
            del text[position : position + 1]
        else:
            text.insert(position, LETTERS[number % len(LETTERS)])
            position += 1
            length += 1
    text.insert(0, "!")
    return updates


def large_text(characters: int) -> list[bytes]:
    """One update that holds a text of so many ASCII characters."""
    doc: Doc[Text] = Doc(client_id=FIRST_AUTHOR)
    text = doc.get(ROOT_NAME, type=Text)
    text += (LINE * (characters // len(LINE) + 1))[:characters]
    return [doc.get_update()]


def text_of(updates: list[bytes]) -> str:
    """What the document says."""
    doc: Doc[Text] = Doc()
    for update in updates:
        doc.apply_update(update)
    return str(doc.get(ROOT_NAME, type=Text))
