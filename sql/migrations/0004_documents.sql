-- The live, co-edited form of a file: an append-only log of Yjs v1 updates, its snapshots and its archives.
-- Log rows and archives name people by a small number per document, so that deleting a person touches few rows.

create table documents (
  id uuid primary key,
  project_id uuid not null,
  lineage uuid not null,
  seed_client bigint not null check (seed_client >= 9007194959773696 and seed_client < 9007199254740992),
  epoch integer not null default 1 check (epoch >= 1),
  root_name text not null default 'codemirror',
  last_seq bigint not null default 0 check (last_seq >= 0),
  snapshot_seq bigint not null default 0 check (snapshot_seq >= 0),
  next_author_no integer not null default 1 check (next_author_no >= 1),
  line_ending text not null default 'lf' check (line_ending in ('lf', 'crlf')),
  has_bom boolean not null default false,
  state text not null default 'live' check (state in ('live', 'quarantined')),
  log_rows integer not null default 0 check (log_rows >= 0),
  log_bytes bigint not null default 0 check (log_bytes >= 0),
  log_weight smallint not null generated always as (
    width_bucket(greatest(log_bytes, log_rows * 256::bigint), '{16384,65536,262144,1048576,4194304,16777216}'::bigint[])
  ) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint documents_snapshot_within_log check (snapshot_seq <= last_seq),
  constraint documents_file foreign key (project_id, id) references project_files (project_id, id) on delete cascade
) with (fillfactor = 80);
comment on column documents.seed_client is 'Yjs client id of the seed struct: 2^53 - 2^32 <= x < 2^53, one per lineage';
comment on column documents.last_seq is 'number of the newest log row';
comment on column documents.snapshot_seq is 'number up to which the newest snapshot holds everything; 0 = no snapshot';
comment on column documents.log_rows is 'rows since the newest snapshot';
comment on column documents.log_bytes is 'bytes since the newest snapshot';
-- Every commit bumps the counters. Their exact values stay out of all indexes, so that those updates are heap-only; the
-- coarse weight changes a few times in a document's life between two snapshots, and is what compaction looks for.
create index documents_compaction on documents (log_weight desc, id) where log_weight > 0 and state = 'live';
create index documents_file on documents (project_id, id);
create index documents_quarantined on documents (id) where state = 'quarantined';

create table retired_lineages (
  document_id uuid not null references documents (id) on delete cascade,
  seed_client bigint not null,
  lineage uuid not null,
  retired_at timestamptz not null default now(),
  primary key (document_id, seed_client)
);

create table document_authors (
  document_id uuid not null references documents (id) on delete cascade,
  author_no integer not null check (author_no >= 0),
  user_id uuid references users (id) on delete set null,
  primary key (document_id, author_no),
  unique (document_id, user_id)
);
comment on column document_authors.author_no is '0 = the server itself, which seeds; people count from 1';
create index document_authors_user on document_authors (user_id);

create table document_clients (
  document_id uuid not null references documents (id) on delete cascade,
  client_id bigint not null check (client_id >= 0 and client_id < 9007199254740992),
  author_no integer not null,
  primary key (document_id, client_id),
  constraint document_clients_author foreign key (document_id, author_no)
    references document_authors (document_id, author_no) on delete cascade
);
comment on table document_clients is 'owner of a Yjs client id: the first author who brought it';
create index document_clients_author on document_clients (document_id, author_no);

create table document_updates (
  document_id uuid not null references documents (id) on delete cascade,
  seq bigint not null check (seq > 0),
  author_no integer not null,
  update_v1 bytea not null,
  created_at timestamptz not null default now(),
  primary key (document_id, seq),
  constraint document_updates_author foreign key (document_id, author_no)
    references document_authors (document_id, author_no) on delete cascade
);
comment on column document_updates.author_no is 'the sending author';

create table document_snapshots (
  document_id uuid not null references documents (id) on delete cascade,
  seq bigint not null check (seq > 0),
  state_v1 bytea not null,
  created_at timestamptz not null default now(),
  primary key (document_id, seq)
);
comment on table document_snapshots is 'all log rows <= seq merged; the newest two are kept';

create table document_archives (
  document_id uuid not null references documents (id) on delete cascade,
  first_seq bigint not null check (first_seq > 0),
  last_seq bigint not null check (last_seq >= first_seq),
  rows integer not null check (rows > 0),
  body bytea not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (document_id, first_seq)
);
comment on column document_archives.body is 'zlib of a msgpack list of [seq, author_no, microseconds since 1970, update]';
create index document_archives_expiry on document_archives (expires_at);

create table document_quarantine (
  document_id uuid not null references documents (id) on delete cascade,
  seq bigint not null check (seq > 0),
  author_no integer not null,
  reason text not null,
  update_v1 bytea not null,
  created_at timestamptz not null default now(),
  primary key (document_id, seq),
  constraint document_quarantine_author foreign key (document_id, author_no)
    references document_authors (document_id, author_no) on delete cascade
);
create index document_quarantine_author on document_quarantine (document_id, author_no);

create table recoveries (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  document_id uuid references documents (id) on delete set null,
  user_id uuid references users (id) on delete set null,
  path text collate "C" not null,
  reason text not null,
  text text not null,
  size_bytes integer not null check (size_bytes >= 0),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
comment on table recoveries is 'text of a replica that had to end, kept for its author';
create index recoveries_author on recoveries (project_id, user_id, created_at desc, id desc);
create index recoveries_document on recoveries (document_id);
create index recoveries_user on recoveries (user_id);
create index recoveries_expiry on recoveries (expires_at);
