-- name: append(user_id, kind, body)
-- The number is taken under the person's row lock, so numbers follow the order of commits.
with numbered as (
  update users as u
  set event_seq = u.event_seq + 1
  where u.id = :user_id
  returning u.id, u.event_seq, u.event_epoch
), written as (
  insert into user_events (user_id, seq, kind, body)
  select n.id, n.event_seq, :kind, :body from numbered as n
  returning seq, created_at
)
select n.event_epoch as epoch, w.seq, w.created_at
from numbered as n
cross join written as w;

-- name: expire(before, limit)
delete from user_events as e
using (
  select o.user_id, o.seq from user_events as o where o.created_at <= :before order by o.created_at limit :limit
  for update skip locked
) as old
where e.user_id = old.user_id and e.seq = old.seq;
