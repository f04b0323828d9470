-- name: list(project_id, after_id, limit)
select
  c.user_id, c.role, c.permissions, c.invited_by, c.accepted_at as joined_at, u.name, u.email, u.is_guest, u.color
from project_collaborators as c
join users as u on u.id = c.user_id
where c.project_id = :project_id and c.accepted_at is not null and c.user_id > :after_id
order by c.user_id
limit :limit;

-- name: lock(project_id, user_ids)
-- Whoever changes somebody's rights holds their row and the own one, in one order, so that two who change each other
-- decide one after the other.
select
  c.user_id, c.role, c.permissions, c.invited_by, c.accepted_at as joined_at, u.name, u.email, u.is_guest, u.color
from project_collaborators as c
join users as u on u.id = c.user_id
where c.project_id = :project_id and c.user_id = any(:user_ids::uuid[]) and c.accepted_at is not null
order by c.user_id
for update of c;

-- name: change(project_id, user_id, role, permissions)
update project_collaborators
set role = :role, permissions = :permissions
where project_id = :project_id and user_id = :user_id and accepted_at is not null;

-- name: remove(project_id, user_id)
delete from project_collaborators
where project_id = :project_id and user_id = :user_id;
