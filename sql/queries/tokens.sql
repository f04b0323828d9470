-- name: create(user_id, project_id, name, token_hash, scopes, expires_at)
insert into api_tokens (user_id, project_id, name, token_hash, scopes, expires_at)
values (:user_id, :project_id, :name, :token_hash, :scopes, :expires_at)
returning id;

-- name: create_derived(user_id, project_id, name, token_hash, scopes, expires_at, session_id, parent_id, signed_at)
-- No row when the parent is derived itself: one level, so that ending the parent ends all that came of it.
insert into api_tokens (
  user_id, project_id, name, token_hash, scopes, expires_at, session_id, parent_id, signed_at
)
select :user_id, :project_id, :name, :token_hash, :scopes, :expires_at, :session_id::uuid, :parent_id::uuid,
  :signed_at::timestamptz
where not exists (
  select from api_tokens as p
  where p.id = :parent_id::uuid and (p.session_id is not null or p.parent_id is not null or p.signed_at is not null)
)
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
  and (u.expires_at is null or u.expires_at > :now)
  and (t.signed_at is null or u.valid_after is null or t.signed_at >= u.valid_after);

-- name: touch(token_id, now, at_most_every)
-- Written rarely, because every request would otherwise write.
update api_tokens
set last_used_at = :now
where id = :token_id and (last_used_at is null or last_used_at < :now::timestamptz - :at_most_every::interval);

-- name: list_mine(user_id, after_id, limit)
-- Those that a person made; what sign-ins and tokens derived goes with them, within a day.
select t.id, t.project_id, t.name, t.scopes, t.expires_at, t.last_used_at, t.created_at
from api_tokens as t
where t.user_id = :user_id and t.revoked_at is null and t.id > :after_id
  and t.session_id is null and t.parent_id is null and t.signed_at is null
order by t.id
limit :limit;

-- name: count_mine(user_id)
select count(*) as tokens
from api_tokens as t
where t.user_id = :user_id and t.revoked_at is null
  and t.session_id is null and t.parent_id is null and t.signed_at is null;

-- name: revoke(token_id, user_id, now)
-- A token and what was derived from it.
with revoked as (
  update api_tokens as t
  set revoked_at = :now
  where (t.id = :token_id or t.parent_id = :token_id) and t.user_id = :user_id and t.revoked_at is null
  returning t.id
)
select r.id
from revoked as r
order by r.id
limit all;

-- name: revoke_signed(user_id, now)
-- What was derived from signed cookies until now.
with revoked as (
  update api_tokens as t
  set revoked_at = :now
  where t.user_id = :user_id and t.signed_at < :now and t.revoked_at is null
  returning t.id
)
select r.id
from revoked as r
order by r.id
limit all;

-- name: expire_tokens(before, limit)
-- Long over: whoever shows one is told the same as for a token that never was.
delete from api_tokens as t
using (
  select e.id
  from api_tokens as e
  where e.expires_at <= :before or e.revoked_at <= :before
  order by e.id
  limit :limit
  for update skip locked
) as old
where t.id = old.id;

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
