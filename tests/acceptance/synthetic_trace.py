"""A small concurrent editing trace made from a seed, in the format of https://github.com/josephg/editing-traces.

Two people write at once: they see one another's edits late and in bursts, rub out, jump about, and use characters that
take one, two, three and four bytes.
"""

import random
from typing import Any

from pycrdt import Doc, Text

AGENTS = 2
ALPHABET = "aeiou nrst\näß€語🚀é"
SEE_CHANCE = 0.15  # that an agent reads what the others wrote, before an edit
DELETE_CHANCE = 0.2
JUMP_CHANCE = 0.1  # else the next edit is where the last one was


def synthetic_trace(seed: int, edits: int) -> dict[str, Any]:
    """The same seed and length give the same trace."""
    rng = random.Random(seed)
    authors = [_Author(agent) for agent in range(AGENTS)]
    txns = []
    for index in range(edits):
        author = rng.choice(authors)
        if rng.random() < SEE_CHANCE:
            for other in authors:
                author.see(other)
        txns.append({"parents": sorted(author.heads), "agent": author.agent, "patches": [author.write(rng)]})
        author.heads = {index}
    for author in authors:
        for other in authors:
            author.see(other)
    return {"kind": "concurrent", "endContent": str(authors[0].text), "numAgents": AGENTS, "txns": txns}


class _Author:
    """`heads`: the newest transactions that this agent has seen."""

    def __init__(self, agent: int) -> None:
        self.agent = agent
        self.doc: Doc[Text] = Doc(client_id=agent + 1)
        self.text = self.doc.get("codemirror", type=Text)
        self.heads: set[int] = set()
        self._at = 0

    def see(self, other: "_Author") -> None:
        self.doc.apply_update(other.doc.get_update(self.doc.get_state()))
        if other is not self and other.heads - self.heads:
            self.heads = self.heads | other.heads

    def write(self, rng: random.Random) -> list[Any]:
        """Make one edit and return it as a patch in characters."""
        text = str(self.text)
        at = rng.randint(0, len(text)) if rng.random() < JUMP_CHANCE else min(self._at, len(text))
        if at and rng.random() < DELETE_CHANCE:
            self._at = at - 1
            start, end = len(text[: at - 1].encode()), len(text[:at].encode())
            del self.text[start:end]
            return [at - 1, 1, ""]
        inserted = "".join(rng.choices(ALPHABET, k=rng.choice((1, 1, 1, 1, 5))))
        self._at = at + len(inserted)
        self.text.insert(len(text[:at].encode()), inserted)
        return [at, 0, inserted]
