-- name: list_held(credential_ids, now)
-- Of these sessions and tokens the ones that still hold.
select s.id
from sessions as s
where s.id = any(:credential_ids::uuid[]) and s.expires > :now
union all
select t.id
from api_tokens as t
where t.id = any(:credential_ids::uuid[]) and t.revoked_at is null and (t.expires_at is null or t.expires_at > :now)
order by id;

-- name: list_people(user_ids, now)
-- Of these people the ones who still exist, guests until their end.
select u.id, u.valid_after
from users as u
where u.id = any(:user_ids::uuid[]) and (u.expires_at is null or u.expires_at > :now)
order by u.id;
