-- name: create_challenge(challenge_hash, user_id, expires_at)
insert into passkey_challenges (challenge_hash, user_id, expires_at)
values (:challenge_hash, :user_id, :expires_at);

-- name: count_challenges(now, limit)
-- No further than the limit: whether there are more makes no difference.
select count(*) as challenges
from (select from passkey_challenges as c where c.expires_at > :now limit :limit) as open;

-- name: consume_challenge(challenge_hash, user_id, now)
-- Whoever deletes it has it; one that is too old, or somebody else's, is deleted, too, and was nobody's.
with taken as (
  delete from passkey_challenges as c
  where c.challenge_hash = :challenge_hash
  returning c.user_id, c.expires_at
)
select true as is_good
from taken as t
where t.expires_at > :now and t.user_id is not distinct from :user_id::uuid;

-- name: expire_challenges(now, limit)
delete from passkey_challenges as c
using (
  select e.challenge_hash
  from passkey_challenges as e
  where e.expires_at <= :now
  order by e.expires_at
  limit :limit
  for update skip locked
) as expired
where c.challenge_hash = expired.challenge_hash;

-- name: create(user_id, name, credential_id, public_key, counter, device_type, is_backed_up, transports, now)
-- No row when the authenticator is known already, to this person or another.
insert into authenticators (
  user_id, name, credential_id, provider_account_id, credential_public_key, counter, credential_device_type,
  credential_backed_up, transports, created_at
)
values (
  :user_id, :name, :credential_id, :credential_id, :public_key, :counter, :device_type, :is_backed_up, :transports, :now
)
on conflict do nothing
returning id;

-- name: list_mine(user_id, limit)
select a.id, a.name, a.credential_id, a.credential_backed_up as is_backed_up, a.transports, a.created_at, a.last_used_at
from authenticators as a
where a.user_id = :user_id
order by a.created_at, a.id
limit :limit;

-- name: find(credential_id)
select a.id, a.user_id, a.credential_public_key as public_key
from authenticators as a
where a.credential_id = :credential_id;

-- name: count_up(passkey_id, counter, is_backed_up, now)
-- No row when the counter did not advance: two hold the same key. Those that do not count say 0 for ever.
update authenticators as a
set counter = :counter, credential_backed_up = :is_backed_up, last_used_at = :now
where a.id = :passkey_id and (:counter > a.counter or (:counter = 0 and a.counter = 0))
returning true as is_good;

-- name: rename(passkey_id, user_id, name)
update authenticators
set name = :name
where id = :passkey_id and user_id = :user_id;

-- name: count_mine(user_id)
select count(*) as passkeys
from authenticators as a
where a.user_id = :user_id;

-- name: remove(passkey_id, user_id)
delete from authenticators
where id = :passkey_id and user_id = :user_id;
