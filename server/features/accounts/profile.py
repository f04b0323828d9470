"""What others see of the caller: a name and a colour."""

from dataclasses import dataclass

from protocol.accounts import GetProfile, Profile, UpdateProfile
from protocol.ids import UserId
from server.access.people import shown_name
from server.access.principal import COLORS, color_of
from server.errors import Invalid, Unauthenticated
from server.feature import Call, Result, Services, rights_changed
from server.features.accounts.own_affairs import signed_in
from server.store import accounts
from server.store.db import Connection


@dataclass(frozen=True, slots=True)
class ProfileCommands:
    services: Services

    async def get(self, call: Call, _command: GetProfile) -> Result[Profile]:
        async with self.services.db.acquire() as connection:
            return Result(await _profile(connection, call.caller.principal.user_id))

    async def update(self, call: Call, command: UpdateProfile) -> Result[Profile]:
        """The hint makes every worker forget the name and the colour that it remembers."""
        user_id, tx, name = signed_in(call).user_id, call.transaction, " ".join(command.display_name.split())
        if not name or not name.isprintable():
            raise Invalid("A name has letters that can be shown.")
        if command.color not in COLORS:
            raise Invalid("Choose one of the colours of your profile: they can be read in both themes.")
        await accounts.update_profile.run(
            tx, user_id=user_id, name=name, color=command.color, now=self.services.clock.now()
        )
        return Result(await _profile(tx, user_id), [rights_changed(user_id=user_id)])


async def _profile(connection: Connection, user_id: UserId) -> Profile:
    user = await accounts.get_user.maybe(connection, user_id=user_id)
    if user is None:
        raise Unauthenticated
    return Profile(
        id=UserId(user.id),
        name=shown_name(user.name, user.email),
        email=user.email or "",
        is_email_verified=user.email_verified is not None,
        is_guest=user.is_guest,
        color=user.color or color_of(UserId(user.id)),
        colors=list(COLORS),
        created_at=user.created_at,
    )
