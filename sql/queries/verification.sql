-- name: create(identifier, token, expires)
insert into verification_tokens (identifier, token, expires)
values (:identifier, :token, :expires);

-- name: count_newer(identifier, expires_after)
select count(*) as sent
from verification_tokens as v
where v.identifier = :identifier and v.expires > :expires_after;

-- name: consume(identifier, token, now)
-- Whoever deletes it has it; one that is too old is deleted, too, and was nobody's.
with taken as (
  delete from verification_tokens as v
  where v.identifier = :identifier and v.token = :token
  returning v.expires
)
select true as is_good
from taken as t
where t.expires > :now;

-- name: remove(identifier)
-- Every link that was sent to an address.
delete from verification_tokens
where identifier = :identifier;

-- name: expire(now, limit)
delete from verification_tokens as v
using (
  select e.identifier, e.token
  from verification_tokens as e
  where e.expires <= :now
  order by e.expires
  limit :limit
  for update skip locked
) as expired
where v.identifier = expired.identifier and v.token = expired.token;
