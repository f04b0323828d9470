-- name: list(project_id, limit)
-- In their order.
select r.id, r.position, r.glob, r.role, r.access, r.created_by, r.created_at
from path_rights as r
where r.project_id = :project_id
order by r.position
limit :limit;

-- name: list_of(project_ids)
-- What rights are compiled from, each project's in its order.
select r.project_id, r.role, r.glob, r.access, p.keeps_case_clashes
from path_rights as r
join projects as p on p.id = r.project_id
where r.project_id = any(:project_ids::uuid[])
order by r.project_id, r.position;

-- name: begin_change(project_id)
-- Changes of one project's rules come one after the other; whoever reads the version finds rules as new as it is.
update projects
set path_rights_version = path_rights_version + 1
where id = :project_id;

-- name: add(project_id, glob, role, access, user_id)
-- A new rule goes last; one that is there keeps its place.
insert into path_rights (project_id, position, glob, role, access, created_by)
select :project_id, coalesce(max(r.position), 0) + 1, :glob, :role, :access, :user_id
from path_rights as r
where r.project_id = :project_id
on conflict (project_id, role, glob) do update set access = excluded.access
returning id;

-- name: arrange(ids)
-- Positions as the ids are listed; they are all of one project.
update path_rights as r
set position = arranged.position
from unnest(:ids::uuid[]) with ordinality as arranged (id, position)
where r.id = arranged.id;

-- name: remove(project_id, right_id)
delete from path_rights
where project_id = :project_id and id = :right_id;
