-- name: claim(user_id, command_id, fingerprint)
-- A row for the first; none for a repetition, which waits here while the first is still at work.
insert into command_ids (user_id, command_id, fingerprint)
values (:user_id, :command_id, :fingerprint)
on conflict (user_id, command_id) do nothing
returning true as is_first;

-- name: record(user_id, command_id, reply)
update command_ids
set reply = :reply
where user_id = :user_id and command_id = :command_id;

-- name: find(user_id, command_id)
select c.reply, c.fingerprint, extract(epoch from now() - c.created_at)::double precision as age_s
from command_ids as c
where c.user_id = :user_id and c.command_id = :command_id;

-- name: release(user_id, command_id)
-- A command that took no effect may be tried again under its id.
delete from command_ids
where user_id = :user_id and command_id = :command_id and reply is null;

-- name: expire(before, limit)
delete from command_ids as c
using (
  select o.user_id, o.command_id from command_ids as o where o.created_at <= :before order by o.created_at limit :limit
  for update skip locked
) as old
where c.user_id = old.user_id and c.command_id = old.command_id;
