"""The caller's own bearer tokens: made once, shown once; named, scoped, expiring, revocable."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from protocol.accounts import CreatedToken, CreateToken, ListTokens, RevokeToken, Token, TokenList
from protocol.ids import ProjectId, UserId
from protocol.model import Empty
from server.access.tokens import WantedToken, add_token, end_token
from server.errors import Conflict, NotFound
from server.feature import Call, Result, Services
from server.features.accounts.ending import ended
from server.features.accounts.own_affairs import signed_in
from server.store import projects, tokens
from server.store.db import Transaction

FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class TokenCommands:
    services: Services

    async def list(self, call: Call, command: ListTokens) -> Result[TokenList]:
        principal = signed_in(call)
        async with self.services.db.acquire() as connection:
            rows = await tokens.list_my_tokens.all(
                connection, user_id=principal.user_id, after_id=command.after or FIRST, limit=command.limit
            )
        is_last = len(rows) < command.limit
        return Result(TokenList(tokens=[_token(row) for row in rows], next=None if is_last else rows[-1].id))

    async def create(self, call: Call, command: CreateToken) -> Result[CreatedToken]:
        """The secret is in the first answer alone: repeated, the command says which token it made, without it."""
        user_id, tx, now = signed_in(call).user_id, call.transaction, self.services.clock.now()
        await self._check_room(tx, user_id)
        if command.project_id is not None:
            await _check_member(tx, command.project_id, user_id)
        expires_at = None if command.days is None else now + timedelta(days=command.days)
        wanted = WantedToken(command.label, frozenset(command.scopes), command.project_id, expires_at)
        secret, token_id = await add_token(tx, user_id, wanted, by=user_id)
        token = Token(
            id=token_id,
            label=wanted.name,
            scopes=sorted(wanted.scopes),
            project_id=wanted.project_id,
            created_at=now,
            last_used_at=None,
            expires_at=expires_at,
        )
        return Result(CreatedToken(secret=secret, token=token), kept=CreatedToken(secret=None, token=token))

    async def revoke(self, call: Call, command: RevokeToken) -> Result[Empty]:
        user_id, tx = signed_in(call).user_id, call.transaction
        gone = await end_token(tx, user_id, command.id, self.services.clock.now(), by=user_id)
        if not gone:
            raise NotFound("You have no such token; it may be revoked already.")
        return Result(Empty(), await ended(tx, user_id, gone))

    async def _check_room(self, tx: Transaction, user_id: UserId) -> None:
        limit = self.services.settings.tokens_per_person
        if await tokens.count_my_tokens.one(tx, user_id=user_id) >= limit:
            raise Conflict(f"You have {limit} tokens, which is the limit. Revoke one that you no longer use.")


async def _check_member(tx: Transaction, project_id: ProjectId, user_id: UserId) -> None:
    standing = await projects.list_standings.maybe(tx, project_ids=[project_id], user_ids=[user_id])
    if standing is None or standing.role is None:
        raise NotFound("There is no such project, or you are not a member of it.")


def _token(row: tokens.TokenRow) -> Token:
    return Token(
        id=row.id,
        label=row.name,
        scopes=list(row.scopes),
        project_id=None if row.project_id is None else ProjectId(row.project_id),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        expires_at=row.expires_at,
    )
