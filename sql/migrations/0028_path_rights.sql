-- Rights on paths are rules of a project for a role, not of one person on one path. No release wrote the old table.

drop table path_rights;
create table path_rights (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  position integer not null check (position >= 1),
  glob text collate "C" not null check (char_length(glob) between 1 and 256),
  role collaborator_role not null check (role <> 'owner'),
  access text not null check (access in ('hidden', 'read_only', 'open')),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  constraint path_rights_once unique (project_id, role, glob),
  constraint path_rights_order unique (project_id, position) deferrable initially immediate
);
comment on column path_rights.position is 'of several rules that match, the one with the highest decides';
create index path_rights_creator on path_rights (created_by);

alter table projects add column path_rights_version bigint not null default 0;
comment on column projects.path_rights_version is 'grows with every change of path_rights; 0: the project never had any';
