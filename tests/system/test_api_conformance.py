"""The API does what its document says: nothing that follows the document, or breaks it, makes the server fail.

A longer run: `API_EXAMPLES=300 API_SEED=1 python -m pytest tests/system/test_api_conformance.py -s`.
"""

import os
import random
import sys

import pytest

from server.mail.shown import ShownMail
from tests.acceptance.api import examine
from tests.harness.doors import doors

IS_LONG = "API_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("API_EXAMPLES", "12"))
PASSKEYS = {"public_url": "http://localhost:8000"}  # they are bound to a name
UNLIMITED = {
    "commands_per_s": 1e6,
    "tickets_per_minute": 1e6,
    "sign_ins_per_minute": 1e6,
    "max_uploads": 1_000_000,
    "projects_per_person": 1_000_000,
    "templates_per_person": 1_000_000,
}


@pytest.mark.slow
@pytest.mark.timeout(240 + 60 * EXAMPLES)
async def test_every_answer_is_as_the_document_says_and_none_is_a_failure(database_url: str) -> None:
    seed = int(os.environ.get("API_SEED", str(random.randrange(1 << 32))))
    async with doors(database_url, "fast", guests=True, carrier=ShownMail(), **PASSKEYS, **UNLIMITED) as served:
        only = os.environ.get("API_ONLY")
        verdict = await examine(served, seed=seed, examples=EXAMPLES, covers=IS_LONG, only=only)
    sys.stdout.write(verdict.report)
    assert verdict.has_passed, f"seed {seed}\n{verdict.report}"
