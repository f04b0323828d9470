-- name: create(name, description, prompt, visibility, user_id)
-- The owner is a collaborator from the first moment on.
with made as (
  insert into projects (name, description, prompt, visibility, user_id)
  values (:name, :description, :prompt, :visibility, :user_id)
  returning id, user_id
), owner as (
  insert into project_collaborators (project_id, user_id, role, accepted_at)
  select m.id, m.user_id, 'owner', now() from made as m
)
select m.id from made as m;

-- name: get(project_id)
select
  p.id, p.name, p.description, p.status, p.visibility, p.template, p.user_id, p.event_seq, p.event_epoch,
  p.created_at, p.updated_at, p.last_accessed_at, p.archived_at
from projects as p
where p.id = :project_id;

-- name: list_mine(user_id, before_updated_at, before_id, limit)
select
  p.id, p.name, p.description, p.status, p.visibility, p.template, p.user_id, p.event_seq, p.event_epoch,
  p.created_at, p.updated_at, p.last_accessed_at, p.archived_at, c.role
from project_collaborators as c
join projects as p on p.id = c.project_id
where c.user_id = :user_id and c.accepted_at is not null
  and (:before_id::uuid is null or (p.updated_at, p.id) < (:before_updated_at::timestamptz, :before_id::uuid))
order by p.updated_at desc, p.id desc
limit :limit;

-- name: standings(project_ids, user_ids)
-- The facts that rights are made of, one row for each pair whose project exists. `role` is null for someone who is no
-- collaborator or has not accepted yet; the team is looked up only where it decides.
select
  p.id as project_id, asked.user_id, p.name as project_name, p.visibility, c.role, c.permissions,
  coalesce(u.is_guest, false) as is_guest, p.path_rights_version,
  case
    when c.role is null and p.visibility = 'team' then exists (
      select from projects as sibling
      join project_collaborators as s on s.project_id = sibling.id
      where sibling.user_id = p.user_id and s.user_id = asked.user_id and s.accepted_at is not null
    )
    else false
  end as is_on_owners_team
from unnest(:project_ids::uuid[], :user_ids::uuid[]) as asked (project_id, user_id)
join projects as p on p.id = asked.project_id
left join users as u on u.id = asked.user_id
left join project_collaborators as c
  on c.project_id = p.id and c.user_id = asked.user_id and c.accepted_at is not null
order by p.id, asked.user_id;

-- name: add_collaborator(project_id, user_id, role, invited_by)
insert into project_collaborators (project_id, user_id, role, invited_by, accepted_at)
values (:project_id, :user_id, :role, :invited_by, now())
on conflict (project_id, user_id) do nothing;

-- name: touch(project_id, now, at_most_every)
update projects
set last_accessed_at = :now
where id = :project_id
  and (last_accessed_at is null or last_accessed_at < :now::timestamptz - :at_most_every::interval);

-- name: lock_tree(project_id)
-- Changes of one project's tree come one after the other. Invariant: this lock is taken before that of any of its files.
select p.keeps_case_clashes
from projects as p
where p.id = :project_id
for no key update;

-- name: set_case_clashes(project_id, keeps)
-- Rules on paths heed case as the project does, so they are new ones then.
update projects
set keeps_case_clashes = :keeps,
  path_rights_version = path_rights_version + (path_rights_version > 0 and keeps_case_clashes <> :keeps)::integer
where id = :project_id;

-- name: get_case_clashes(project_id)
select p.keeps_case_clashes
from projects as p
where p.id = :project_id;

-- name: lock_documents(project_id)
-- In the order of the group commit, which may hold some of them, so that neither waits for the other in a circle.
select d.id
from documents as d
where d.project_id = :project_id
order by d.id
for update;

-- name: delete(project_id)
delete from projects
where id = :project_id;
