-- name: add(project_id, document_id, user_id, path, reason, text, size_bytes, expires_at, keep)
-- The oldest of the same author in the same project go when more than `keep` would remain.
with crowded as (
  delete from recoveries as r
  using (
    select o.id
    from recoveries as o
    where o.project_id = :project_id and o.user_id is not distinct from :user_id::uuid
    order by o.created_at desc, o.id desc
    offset greatest(:keep::integer - 1, 0)
  ) as old
  where r.id = old.id
)
insert into recoveries (project_id, document_id, user_id, path, reason, text, size_bytes, expires_at)
values (:project_id, :document_id, :user_id, :path, :reason, :text, :size_bytes, :expires_at)
returning id;

-- name: list_mine(project_id, user_id, before_created_at, before_id, limit)
select r.id, r.document_id, coalesce(f.path, r.path) as path, r.reason, r.size_bytes, r.created_at, r.expires_at
from recoveries as r
left join project_files as f on f.id = r.document_id
where r.project_id = :project_id and r.user_id = :user_id
  and (:before_id::uuid is null or (r.created_at, r.id) < (:before_created_at::timestamptz, :before_id::uuid))
order by r.created_at desc, r.id desc
limit :limit;

-- name: get(recovery_id)
select
  r.id, r.project_id, r.document_id, r.user_id, coalesce(f.path, r.path) as path, r.reason, r.text, r.size_bytes,
  r.created_at, r.expires_at
from recoveries as r
left join project_files as f on f.id = r.document_id
where r.id = :recovery_id;

-- name: expire(now, limit)
delete from recoveries as r
using (
  select e.id
  from recoveries as e
  where e.expires_at <= :now
  order by e.expires_at
  limit :limit
  for update skip locked
) as expired
where r.id = expired.id;
