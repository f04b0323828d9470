-- Bytes of files that are no text: addressed by what they hold, in chunks; and uploads that are under way.

create table blobs (
  id uuid primary key default new_id(),
  checksum bytea check (octet_length(checksum) = 32),
  size bigint not null default 0 check (size >= 0),
  storage_type text not null check (storage_type in ('database', 'filesystem', 's3')),
  used_at timestamptz not null default now(),
  doomed_at timestamptz,
  created_at timestamptz not null default now()
);
comment on column blobs.checksum is 'SHA-256; null while bytes may still be added';
comment on column blobs.size is 'bytes that its chunks hold';
comment on column blobs.used_at is 'when a file last came to refer to it; collection waits a while after that';
comment on column blobs.doomed_at is 'set before its chunks are deleted: no file may refer to it any more';
create unique index blobs_content on blobs (checksum) where doomed_at is null;
create index blobs_doomed on blobs (doomed_at) where doomed_at is not null;

create table blob_chunks (
  blob_id uuid not null references blobs (id) on delete cascade,
  at bigint not null check (at >= 0),
  size integer not null check (size > 0),
  key text not null,
  primary key (blob_id, at)
);
comment on column blob_chunks.at is 'where the chunk begins in the blob, in bytes';
comment on column blob_chunks.key is 'the name of its bytes in the storage';

-- The storage `database`: what the other storages keep as files or objects, under the same names.
create table blob_bytes (
  key text collate "C" primary key,
  bytes bytea not null
);
alter table blob_bytes alter column bytes set storage external;

create table uploads (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  blob_id uuid references blobs (id) on delete set null,
  path text collate "C" not null check (is_project_path(path)),
  size bigint check (size >= 0),
  checksum bytea check (octet_length(checksum) = 32),
  metadata text not null default '',
  expires_at timestamptz not null,
  finished_at timestamptz,
  created_at timestamptz not null default now()
);
comment on column uploads.size is 'bytes in all, as announced; null when nobody said';
comment on column uploads.checksum is 'SHA-256, once every byte is there';
comment on column uploads.metadata is 'Upload-Metadata as the client sent it (tus)';
create index uploads_project on uploads (project_id);
create index uploads_user on uploads (user_id, expires_at);
create index uploads_blob on uploads (blob_id);
create index uploads_expiry on uploads (expires_at);

alter table project_files add column blob_id uuid references blobs (id) on delete restrict;
create index project_files_blob on project_files (blob_id);
