-- The file tree of a project, where its paths used to be, and rights on single paths.

create table project_files (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  path text collate "C" not null check (is_project_path(path)),
  content text,
  content_seq bigint not null default 0 check (content_seq >= 0),
  binary_content bytea,
  storage_key text,
  storage_type text not null default 'database' check (storage_type in ('database', 'filesystem', 's3', 'github')),
  storage_url text,
  language text,
  mime_type text,
  encoding text not null default 'utf-8',
  size bigint not null default 0 check (size >= 0),
  checksum bytea check (octet_length(checksum) = 32),
  is_directory boolean not null default false,
  is_symlink boolean not null default false,
  symlink_target text,
  permissions integer check (permissions between 0 and 4095),
  is_executable boolean not null default false,
  is_hidden boolean not null default false,
  is_binary boolean not null default false,
  line_count integer not null default 0 check (line_count >= 0),
  parent_id uuid,
  webcontainer_path text,
  last_modified_by uuid references users (id) on delete set null,
  is_watched boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_accessed_at timestamptz,
  deleted_at timestamptz,
  constraint project_files_in_project unique (project_id, id),
  constraint project_files_parent foreign key (project_id, parent_id)
    references project_files (project_id, id) on delete cascade,
  constraint project_files_directory_is_empty check (not is_directory or (content is null and binary_content is null)),
  constraint project_files_symlink_has_target check (is_symlink = (symlink_target is not null)),
  constraint project_files_not_own_parent check (parent_id <> id)
);
comment on column project_files.content is 'a small file, or a cache of the document (LF only) as of content_seq';
comment on column project_files.content_seq is 'number of the document update that content shows; 0 = never a document';
comment on column project_files.size is 'bytes';
comment on column project_files.checksum is 'SHA-256';
comment on column project_files.permissions is 'unix mode bits';
comment on column project_files.deleted_at is 'tombstone: the path is known to be gone, so an old client is refused instead of reviving it';
-- Paths compare byte by byte (collate "C"), so one index gives order, keyset paging and the subtree of a directory.
create unique index project_files_live_path on project_files (project_id, path) where deleted_at is null;
create index project_files_tombstone_path on project_files (project_id, path, deleted_at) where deleted_at is not null;
create index project_files_tombstone_age on project_files (deleted_at) where deleted_at is not null;
create index project_files_parent on project_files (project_id, parent_id);
create index project_files_modifier on project_files (last_modified_by);

create table path_aliases (
  project_id uuid not null references projects (id) on delete cascade,
  path text collate "C" not null check (is_project_path(path)),
  file_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (project_id, path),
  constraint path_aliases_file foreign key (project_id, file_id)
    references project_files (project_id, id) on delete cascade
);
create index path_aliases_file on path_aliases (project_id, file_id);

create table path_rights (
  project_id uuid not null references projects (id) on delete cascade,
  path text collate "C" not null check (is_project_path(path)),
  user_id uuid not null references users (id) on delete cascade,
  can_read boolean not null,
  can_write boolean not null check (can_read or not can_write),
  created_at timestamptz not null default now(),
  primary key (project_id, path, user_id)
);
create index path_rights_user on path_rights (user_id, project_id);
