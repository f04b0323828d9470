-- name: create(user_id, project_id, name, token_hash, scopes, expires_at)
insert into api_tokens (user_id, project_id, name, token_hash, scopes, expires_at)
values (:user_id, :project_id, :name, :token_hash, :scopes, :expires_at)
returning id;

-- name: find_bearer(token_hash, now)
-- Only a token that still holds, of a person who still does.
select t.id, t.user_id, t.project_id, t.scopes, t.created_at, t.expires_at, t.last_used_at, u.name, u.email, u.image,
  u.is_guest, u.color
from api_tokens as t
join users as u on u.id = t.user_id
where t.token_hash = :token_hash
  and t.revoked_at is null
  and (t.expires_at is null or t.expires_at > :now)
  and (u.expires_at is null or u.expires_at > :now);

-- name: touch(token_id, now, at_most_every)
-- Written rarely, because every request would otherwise write.
update api_tokens
set last_used_at = :now
where id = :token_id and (last_used_at is null or last_used_at < :now::timestamptz - :at_most_every::interval);

-- name: list_mine(user_id, after_id, limit)
select t.id, t.project_id, t.name, t.scopes, t.expires_at, t.last_used_at, t.created_at
from api_tokens as t
where t.user_id = :user_id and t.revoked_at is null and t.id > :after_id
order by t.id
limit :limit;

-- name: revoke(token_id, user_id, now)
update api_tokens
set revoked_at = :now
where id = :token_id and user_id = :user_id and revoked_at is null;

-- name: create_ticket(token_hash, user_id, project_id, scopes, expires_at, credential_ends_at, session_id, token_id, signed_at)
insert into tickets (
  token_hash, user_id, project_id, scopes, expires_at, credential_ends_at, session_id, token_id, signed_at
)
values (
  :token_hash, :user_id, :project_id, :scopes, :expires_at, :credential_ends_at, :session_id, :token_id, :signed_at
);

-- name: consume_ticket(token_hash, now)
-- Whoever deletes it has it: a ticket opens one door once, and only while what it was made with holds.
with taken as (
  delete from tickets as t
  where t.token_hash = :token_hash
  returning
    t.user_id, t.project_id, t.scopes, t.expires_at, t.credential_ends_at, t.session_id, t.token_id, t.signed_at
)
select t.user_id, t.project_id, t.scopes, t.credential_ends_at, t.session_id, t.token_id, t.signed_at,
  u.name, u.email, u.image, u.is_guest, u.color
from taken as t
join users as u on u.id = t.user_id
where t.expires_at > :now and (t.credential_ends_at is null or t.credential_ends_at > :now)
  and (u.expires_at is null or u.expires_at > :now)
  and not exists (select from api_tokens as b where b.id = t.token_id and b.revoked_at is not null)
  and (t.session_id is not null or t.token_id is not null or u.valid_after is null or t.signed_at >= u.valid_after);

-- name: expire_tickets(now, limit)
delete from tickets as t
using (
  select e.token_hash from tickets as e where e.expires_at <= :now order by e.expires_at limit :limit for update skip locked
) as expired
where t.token_hash = expired.token_hash;
