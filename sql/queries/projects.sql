-- name: create(name, description, prompt, visibility, tags, tech_stack, source_project_id, user_id)
-- The owner is a collaborator from the first moment on.
with made as (
  insert into projects (name, description, prompt, visibility, tags, tech_stack, source_project_id, user_id)
  values (:name, :description, :prompt, :visibility, :tags, :tech_stack, :source_project_id, :user_id)
  returning id, user_id
), owner as (
  insert into project_collaborators (project_id, user_id, role, accepted_at)
  select m.id, m.user_id, 'owner', now() from made as m
)
select m.id from made as m;

-- name: of_ids(project_ids)
-- In the order of every list: the newest change first.
select
  p.id, p.name, p.description, p.prompt, p.status, p.visibility, p.thumbnail, p.tech_stack, p.tags, p.template,
  p.source_project_id, p.git_repo_url, p.deployment_url, p.build_health, p.lines_of_code, p.complexity,
  p.estimated_time, p.actual_time, p.user_id, u.name as owner_name, u.email as owner_email, p.event_seq, p.event_epoch,
  p.created_at, p.updated_at, p.last_accessed_at, p.archived_at, p.deleted_at
from projects as p
join users as u on u.id = p.user_id
where p.id = any(:project_ids::uuid[])
order by p.updated_at desc, p.id desc;

-- name: list_mine(user_id, only_owned, words, is_archived, before_updated_at, before_id, limit)
-- Those that somebody belongs to; `words` and `is_archived` narrow the list where they are given.
select p.id, c.role, p.updated_at
from project_collaborators as c
join projects as p on p.id = c.project_id
where c.user_id = :user_id and c.accepted_at is not null and p.deleted_at is null
  and (c.role = 'owner' or not :only_owned::boolean)
  and (:words::text is null or project_words(p.name, p.description, p.tags) @@ to_tsquery('simple', :words::text))
  and (:is_archived::boolean is null or (p.archived_at is not null) = :is_archived::boolean)
  and (:before_id::uuid is null or (p.updated_at, p.id) < (:before_updated_at::timestamptz, :before_id::uuid))
order by p.updated_at desc, p.id desc
limit :limit;

-- name: list_shared(user_id, words, is_archived, before_updated_at, before_id, limit)
-- Those of others that somebody belongs to, or reads because they are on the owner's team.
with own as (
  select c.project_id, c.role, p.user_id as owner_id
  from project_collaborators as c
  join projects as p on p.id = c.project_id
  where c.user_id = :user_id and c.accepted_at is not null and p.deleted_at is null
), shared as (
  select o.project_id, o.role from own as o where o.role <> 'owner'
  union all
  select p.id, 'viewer'::collaborator_role
  from projects as p
  where p.visibility = 'team' and p.deleted_at is null
    and p.user_id in (select o.owner_id from own as o where o.role <> 'owner')
    and p.id not in (select o.project_id from own as o)
)
select p.id, s.role, p.updated_at
from shared as s
join projects as p on p.id = s.project_id
where (:words::text is null or project_words(p.name, p.description, p.tags) @@ to_tsquery('simple', :words::text))
  and (:is_archived::boolean is null or (p.archived_at is not null) = :is_archived::boolean)
  and (:before_id::uuid is null or (p.updated_at, p.id) < (:before_updated_at::timestamptz, :before_id::uuid))
order by p.updated_at desc, p.id desc
limit :limit;

-- name: list_public(user_id, is_archived, before_updated_at, before_id, limit)
select p.id, coalesce(c.role, 'viewer') as role, p.updated_at
from projects as p
left join project_collaborators as c on c.project_id = p.id and c.user_id = :user_id and c.accepted_at is not null
where p.visibility = 'public' and p.deleted_at is null
  and (:is_archived::boolean is null or (p.archived_at is not null) = :is_archived::boolean)
  and (:before_id::uuid is null or (p.updated_at, p.id) < (:before_updated_at::timestamptz, :before_id::uuid))
order by p.updated_at desc, p.id desc
limit :limit;

-- name: search_public(user_id, words, is_archived, before_updated_at, before_id, limit)
-- A statement of its own, so that it is planned for the index of words.
select p.id, coalesce(c.role, 'viewer') as role, p.updated_at
from projects as p
left join project_collaborators as c on c.project_id = p.id and c.user_id = :user_id and c.accepted_at is not null
where p.visibility = 'public' and p.deleted_at is null
  and project_words(p.name, p.description, p.tags) @@ to_tsquery('simple', :words::text)
  and (:is_archived::boolean is null or (p.archived_at is not null) = :is_archived::boolean)
  and (:before_id::uuid is null or (p.updated_at, p.id) < (:before_updated_at::timestamptz, :before_id::uuid))
order by p.updated_at desc, p.id desc
limit :limit;

-- name: list_deleted(user_id, since, before_deleted_at, before_id, limit)
-- What somebody deleted and can still have back.
select p.id, p.name, p.deleted_at as gone_at
from projects as p
where p.user_id = :user_id and p.deleted_at > :since
  and (:before_id::uuid is null or (p.deleted_at, p.id) < (:before_deleted_at::timestamptz, :before_id::uuid))
order by p.deleted_at desc, p.id desc
limit :limit;

-- name: list_of_team(user_id, limit)
-- Those of an owner whose readers follow from who collaborates on the owner's other projects.
select p.id
from projects as p
where p.user_id = :user_id and p.visibility = 'team' and p.deleted_at is null
order by p.id
limit :limit;

-- name: count_owned(user_id)
-- Deleted ones too, until they are purged.
select count(p.id) as owned
from projects as p
where p.user_id = :user_id;

-- name: standings(project_ids, user_ids)
-- The facts that rights are made of, one row for each pair whose project exists. `role` is null for someone who is no
-- collaborator or has not accepted yet; the team is looked up only where it decides.
select
  p.id as project_id, asked.user_id, p.name as project_name, p.visibility, p.archived_at is not null as is_archived,
  c.role, c.permissions, coalesce(u.is_guest, false) as is_guest, p.path_rights_version,
  case
    when c.role is null and p.visibility = 'team' then exists (
      select from projects as sibling
      join project_collaborators as s on s.project_id = sibling.id
      where sibling.user_id = p.user_id and sibling.deleted_at is null
        and s.user_id = asked.user_id and s.accepted_at is not null
    )
    else false
  end as is_on_owners_team
from unnest(:project_ids::uuid[], :user_ids::uuid[]) as asked (project_id, user_id)
join projects as p on p.id = asked.project_id and p.deleted_at is null
left join users as u on u.id = asked.user_id
left join project_collaborators as c
  on c.project_id = p.id and c.user_id = asked.user_id and c.accepted_at is not null
order by p.id, asked.user_id;

-- name: add_collaborator(project_id, user_id, role, invited_by)
insert into project_collaborators (project_id, user_id, role, invited_by, accepted_at)
values (:project_id, :user_id, :role, :invited_by, now())
on conflict (project_id, user_id) do nothing;

-- name: lock_owner(user_id)
-- Who makes two projects at once is counted twice.
select u.id
from users as u
where u.id = :user_id
for no key update;

-- name: update(project_id, name, description, tags, tech_stack, status)
-- Null leaves a value as it is; an empty description takes it away.
update projects
set name = coalesce(:name::text, name),
  description = case when :description::text is null then description else nullif(:description::text, '') end,
  tags = coalesce(:tags::text[], tags), tech_stack = coalesce(:tech_stack::text[], tech_stack),
  status = coalesce(:status::project_status, status), updated_at = now()
where id = :project_id;

-- name: set_visibility(project_id, visibility)
update projects
set visibility = :visibility, updated_at = now()
where id = :project_id and visibility <> :visibility;

-- name: archive(project_id, now)
update projects
set archived_at = :now, status_before_archive = status, status = 'archived', updated_at = now()
where id = :project_id and archived_at is null;

-- name: unarchive(project_id)
update projects
set archived_at = null, status = coalesce(status_before_archive, 'draft'), status_before_archive = null,
  updated_at = now()
where id = :project_id and archived_at is not null;

-- name: set_owner(project_id, user_id)
-- The rows of both people follow before the transaction ends.
update projects
set user_id = :user_id, updated_at = now()
where id = :project_id;

-- name: bury(project_id, user_id, now)
update projects
set deleted_at = :now
where id = :project_id and user_id = :user_id and deleted_at is null;

-- name: raise(project_id, user_id, since)
update projects
set deleted_at = null
where id = :project_id and user_id = :user_id and deleted_at > :since;

-- name: list_purgeable(before, limit)
select p.id
from projects as p
where p.deleted_at <= :before
order by p.deleted_at, p.id
limit :limit;

-- name: purge_files(project_id, limit)
-- What lies deepest goes first, so that no directory takes more along than was asked for.
delete from project_files as f
using (
  select o.id from project_files as o where o.project_id = :project_id order by o.path desc limit :limit for update
) as old
where f.id = old.id;

-- name: touch(project_id, now, at_most_every)
update projects
set last_accessed_at = :now
where id = :project_id
  and (last_accessed_at is null or last_accessed_at < :now::timestamptz - :at_most_every::interval);

-- name: note_change(project_id, at_most_every)
-- Work in a project brings it forward in lists. Whoever holds the row is about to say so by an event anyway.
update projects as p
set updated_at = now()
from (
  select o.id
  from projects as o
  where o.id = :project_id and o.updated_at < now() - :at_most_every::interval
  for no key update skip locked
) as due
where p.id = due.id;

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
