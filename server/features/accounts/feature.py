"""Who the caller is, and the feature put together."""

from dataclasses import dataclass
from datetime import timedelta

from protocol.accounts import (
    AddPasskey,
    AskPasskeyOptions,
    CreateProjectToken,
    CreateTicket,
    CreateToken,
    DeleteAccount,
    GetProfile,
    ListLinkedAccounts,
    ListPasskeys,
    ListSessions,
    ListTokens,
    Me,
    PlanDeletion,
    RemovePasskey,
    RenamePasskey,
    Renew,
    RevokeSession,
    RevokeToken,
    SignOutEverywhere,
    Unlink,
    UpdateProfile,
    WhoAmI,
)
from server.access.principal import person
from server.access.roles import SIGNED_IN, Ability
from server.feature import Call, CommandSpec, Feature, Home, Job, Result, Services
from server.features.accounts.departure import Departure
from server.features.accounts.links import LinkCommands
from server.features.accounts.passes import PassCommands
from server.features.accounts.passkeys import PasskeyCommands
from server.features.accounts.profile import ProfileCommands
from server.features.accounts.renewal import Renewal
from server.features.accounts.sessions import SessionCommands
from server.features.accounts.tokens import TokenCommands
from server.store import accounts, passkeys, providers, tokens, user_events, verification
from server.store import commands as command_ids
from server.store.expiry import expire

EXPIRY_INTERVAL_S = 300.0
DELETION_TIMEOUT_S = 60.0  # projects of tens of thousands of files go with the account
TOKENS_KEPT = timedelta(days=30)  # after their end, so that the last use can be looked up


@dataclass(frozen=True, slots=True)
class Commands:
    services: Services

    async def me(self, call: Call, _command: WhoAmI) -> Result[Me]:
        principal = call.caller.principal
        return Result(
            Me(
                id=principal.user_id,
                name=principal.name,
                email=principal.email,
                color=person(principal).color,
            )
        )

    async def expire(self) -> None:
        """Delete sessions, links and tickets that are over, and what nobody will ask for again."""
        db, now, settings = self.services.db, self.services.clock.now(), self.services.settings
        await expire(db, accounts.expire_sessions, now=now)
        await expire(db, accounts.expire_guests, now=now)
        await expire(db, tokens.expire_tickets, now=now)
        await expire(db, passkeys.expire_challenges, now=now)
        await expire(db, tokens.expire_tokens, before=now - TOKENS_KEPT)
        await expire(db, verification.expire, now=now)
        await expire(db, providers.expire_attempts, now=now)
        await expire(db, command_ids.expire_commands, before=now - timedelta(days=settings.command_id_days))
        await expire(db, user_events.expire_user_events, before=now - timedelta(days=settings.event_days))


def build(services: Services) -> Feature:
    commands, passes = Commands(services), PassCommands(services)
    profile, departure = ProfileCommands(services), Departure(services)
    own_sessions, own_tokens = SessionCommands(services), TokenCommands(services)
    own_passkeys, own_links = PasskeyCommands(services), LinkCommands(services)
    return Feature(
        slug="accounts",
        commands=(
            CommandSpec(WhoAmI, commands.me, SIGNED_IN),
            CommandSpec(GetProfile, profile.get, SIGNED_IN),
            CommandSpec(UpdateProfile, profile.update, SIGNED_IN),
            CommandSpec(PlanDeletion, departure.plan, SIGNED_IN),
            CommandSpec(DeleteAccount, departure.delete, SIGNED_IN, timeout_s=DELETION_TIMEOUT_S),
            CommandSpec(CreateTicket, passes.ticket, Ability.READ),
            CommandSpec(CreateProjectToken, passes.project_token, Ability.READ),
            CommandSpec(Renew, Renewal(services).renew, Ability.READ, needs_socket=True),
            CommandSpec(ListSessions, own_sessions.list, SIGNED_IN),
            CommandSpec(RevokeSession, own_sessions.revoke, SIGNED_IN),
            CommandSpec(SignOutEverywhere, own_sessions.sign_out_everywhere, SIGNED_IN),
            CommandSpec(ListTokens, own_tokens.list, SIGNED_IN),
            CommandSpec(CreateToken, own_tokens.create, SIGNED_IN),
            CommandSpec(RevokeToken, own_tokens.revoke, SIGNED_IN),
            CommandSpec(ListPasskeys, own_passkeys.list, SIGNED_IN),
            CommandSpec(AskPasskeyOptions, own_passkeys.options, SIGNED_IN),
            CommandSpec(AddPasskey, own_passkeys.add, SIGNED_IN),
            CommandSpec(RenamePasskey, own_passkeys.rename, SIGNED_IN),
            CommandSpec(RemovePasskey, own_passkeys.remove, SIGNED_IN),
            CommandSpec(ListLinkedAccounts, own_links.list, SIGNED_IN),
            CommandSpec(Unlink, own_links.unlink, SIGNED_IN),
        ),
        jobs=(Job("expire sign-ins", EXPIRY_INTERVAL_S, commands.expire, Home.WORKER),),
    )
