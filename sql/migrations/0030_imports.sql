-- Imports of archives: how far each is, and what it unpacked so far, which becomes files in one transaction or not at all.

create table imports (
  id uuid primary key default new_id(),
  user_id uuid not null references users (id) on delete cascade,
  request_key uuid not null,
  project_id uuid references projects (id) on delete cascade,
  state text not null default 'unpacking' check (state in ('unpacking', 'placing', 'done', 'refused', 'failed')),
  reason text,
  files integer not null default 0 check (files >= 0),
  files_total integer not null default 0 check (files_total >= 0),
  bytes bigint not null default 0 check (bytes >= 0),
  bytes_total bigint not null default 0 check (bytes_total >= 0),
  skipped integer not null default 0 check (skipped >= 0),
  warnings text[] not null default '{}',
  told_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  unique (user_id, request_key)
);
comment on column imports.request_key is 'the Idempotency-Key that it was asked for with';
comment on column imports.project_id is 'null: a project that is made in the end';
comment on column imports.told_at is 'when its worker wrote last; one that stays silent is over';
create index imports_project on imports (project_id);
create index imports_age on imports (created_at);

create table import_files (
  import_id uuid not null references imports (id) on delete cascade,
  batch integer not null,
  id uuid not null default new_id(),
  path text collate "C" not null check (is_project_path(path)),
  parent_path text collate "C" not null,
  is_directory boolean not null,
  content text,
  blob_id uuid references blobs (id) on delete restrict,
  size bigint not null check (size >= 0),
  checksum bytea check (octet_length(checksum) = 32),
  line_count integer not null,
  language text,
  mime_type text,
  symlink_target text,
  permissions integer,
  is_executable boolean not null,
  is_hidden boolean not null,
  primary key (import_id, path)
);
comment on column import_files.batch is 'what was unpacked together is placed together; a directory never after what lies in it';
comment on column import_files.id is 'of the file that it becomes';
create index import_files_batch on import_files (import_id, batch);
create index import_files_blob on import_files (blob_id);
