-- name: create_attempt(attempt_hash, provider, next_path, user_id, expires_at)
insert into sign_in_attempts (attempt_hash, provider, next_path, user_id, expires_at)
values (:attempt_hash, :provider, :next_path, :user_id, :expires_at);

-- name: consume_attempt(attempt_hash, now)
-- Whoever deletes it has it; one that is too old is deleted, too, and was nobody's.
with taken as (
  delete from sign_in_attempts as a
  where a.attempt_hash = :attempt_hash
  returning a.provider, a.next_path, a.user_id, a.expires_at
)
select t.provider, t.next_path, t.user_id
from taken as t
where t.expires_at > :now;

-- name: expire_attempts(now, limit)
delete from sign_in_attempts as a
using (
  select e.attempt_hash from sign_in_attempts as e where e.expires_at <= :now order by e.expires_at limit :limit
  for update skip locked
) as expired
where a.attempt_hash = expired.attempt_hash;

-- name: link(user_id, type, provider, subject, label, now)
insert into accounts (user_id, type, provider, provider_account_id, label, linked_at)
values (:user_id, :type, :provider, :subject, :label, :now);

-- name: relabel(provider, subject, label)
update accounts
set label = :label
where provider = :provider and provider_account_id = :subject;

-- name: keep_tokens(provider, subject, access_token, refresh_token, token_type, scope, expires_at)
-- A provider may send a refresh token the first time only.
update accounts
set access_token = :access_token,
  refresh_token = coalesce(:refresh_token, refresh_token),
  token_type = :token_type,
  scope = :scope,
  expires_at = :expires_at
where provider = :provider and provider_account_id = :subject;

-- name: list_links(user_id, limit)
select a.provider, a.provider_account_id as subject, a.label, a.linked_at
from accounts as a
where a.user_id = :user_id
order by a.linked_at, a.provider, a.provider_account_id
limit :limit;

-- name: remove_link(user_id, provider, subject)
delete from accounts
where user_id = :user_id and provider = :provider and provider_account_id = :subject;

-- name: lock_person(user_id)
-- Until the end of the transaction nobody else takes a way to sign in from this person. An address counts once somebody
-- has shown that it is theirs.
select case when u.email_verified is not null then u.email end as email
from users as u
where u.id = :user_id
for update;

-- name: count_ways_in(user_id, providers)
-- Passkeys, and accounts at these providers; null: at any.
select (select count(*) from authenticators as k where k.user_id = :user_id)
  + (
    select count(*)
    from accounts as a
    where a.user_id = :user_id and (:providers::text[] is null or a.provider = any(:providers::text[]))
  ) as ways;

-- name: list_kept_tokens(after_provider, after_subject, limit)
select a.provider, a.provider_account_id as subject, a.access_token, a.refresh_token
from accounts as a
where (a.provider, a.provider_account_id) > (:after_provider, :after_subject)
  and (a.access_token is not null or a.refresh_token is not null)
order by a.provider, a.provider_account_id
limit :limit;

-- name: reseal(provider, subject, access_token, refresh_token, was_access_token, was_refresh_token)
-- Not if somebody signed in meanwhile: those tokens are newer.
update accounts
set access_token = :access_token, refresh_token = :refresh_token
where provider = :provider and provider_account_id = :subject
  and access_token is not distinct from :was_access_token
  and refresh_token is not distinct from :was_refresh_token;
