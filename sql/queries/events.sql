-- name: append(project_id, kind, body, audience)
-- The number is taken under the project's row lock, so numbers follow the order of commits.
with numbered as (
  update projects as p
  set event_seq = p.event_seq + 1, updated_at = now()
  where p.id = :project_id
  returning p.id, p.event_seq, p.event_epoch
), written as (
  insert into project_events (project_id, seq, kind, body, audience)
  select n.id, n.event_seq, :kind, :body, :audience from numbered as n
  returning seq, created_at
)
select n.event_epoch as epoch, w.seq, w.created_at
from numbered as n
cross join written as w;

-- name: head(project_id)
-- Where the numbers are, and the oldest that is still kept (null when none is).
select p.event_epoch as epoch, p.event_seq as seq, (select min(e.seq) from project_events as e where e.project_id = p.id) as oldest_seq
from projects as p
where p.id = :project_id;

-- name: seqs_of(project_ids)
select p.id as project_id, p.event_seq as seq
from projects as p
where p.id = any(:project_ids::uuid[])
order by p.id;

-- name: list_since(project_id, after_seq, limit)
select e.seq, e.kind, e.body, e.audience, e.created_at
from project_events as e
where e.project_id = :project_id and e.seq > :after_seq
order by e.seq
limit :limit;

-- name: expire(before, limit)
delete from project_events as e
using (
  select o.project_id, o.seq from project_events as o where o.created_at <= :before order by o.created_at limit :limit
  for update skip locked
) as old
where e.project_id = old.project_id and e.seq = old.seq;
