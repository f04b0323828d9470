"""Feeds updates to pycrdt in a process of its own, because what goes wrong there ends the process."""

import json
import subprocess
import sys

_FEED = """
import json, sys, time
from pycrdt import Doc, Text, get_state, get_update, merge_updates

def use(update, bases):
    for base in bases:
        doc = Doc()
        doc.apply_update(base)
        doc.apply_update(update)
        state = doc.get_update()
        str(doc.get("codemirror", type=Text))
        Doc().apply_update(state)
        merge_updates(state, update)
        get_state(update)
        get_update(update, doc.get_state())

job = json.load(sys.stdin)
bases = [bytes.fromhex(base) for base in job["bases"]]
for update in job["updates"]:
    started = time.monotonic()
    try:
        use(bytes.fromhex(update), bases)
        outcome = "applied"
    except BaseException as error:
        outcome = f"{type(error).__name__}: {error}"
    print(json.dumps([outcome, time.monotonic() - started]), flush=True)
"""


class EngineCrashError(Exception):
    """The process ended while it used an update; the message has the update in hex."""


def feed(updates: list[bytes], bases: list[bytes], timeout_s: float = 60) -> list[tuple[str, float]]:
    """Apply each update to each base, then encode and merge; return (outcome, seconds) for each."""
    job = {"bases": [base.hex() for base in bases], "updates": [update.hex() for update in updates]}
    done = subprocess.run(
        [sys.executable, "-c", _FEED],
        check=False,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    outcomes = [(outcome, seconds) for outcome, seconds in map(json.loads, done.stdout.splitlines())]
    if done.returncode:
        raise EngineCrashError(f"exit {done.returncode} at {updates[len(outcomes)].hex()[:2000]}")
    return outcomes
