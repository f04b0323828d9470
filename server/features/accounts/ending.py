"""Ending sign-ins: the rows go, the event is numbered and announced, and sockets everywhere follow (P5)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from protocol.accounts import CredentialsEnded
from protocol.ids import Seq, UserId
from server.feature import rights_changed, room_of_user
from server.hub.announcement import Announcement
from server.hub.effects import NOTHING, Effects
from server.store.db import Transaction
from server.store.user_events import append_user_event

TO_THE_PERSON = 0  # an ability that everybody has: who listens in the room of a person is that person


async def ended(
    tx: Transaction, user_id: UserId, credentials: Sequence[UUID], *, signed_before: datetime | None = None
) -> Effects:
    """Say that these sign-ins of a person are over; call it in the transaction that ends them."""
    if not credentials and signed_before is None:
        return NOTHING
    event = CredentialsEnded(credentials=list(credentials), signed_before=signed_before)
    body = event.model_dump(mode="json")
    appended = await append_user_event.one(tx, user_id=user_id, kind=event.name, body=body)
    told = Announcement(event.name, body, Seq(appended.seq), TO_THE_PERSON).to(room_of_user(user_id))
    return [told, rights_changed(user_id=user_id)]
