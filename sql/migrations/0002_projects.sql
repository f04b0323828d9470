-- Projects, who belongs to them, what happened in them, and the tokens that open them.

create type project_status as enum ('draft', 'building', 'built', 'error', 'archived');
create type project_visibility as enum ('private', 'public', 'team');
create type collaborator_role as enum ('owner', 'editor', 'reviewer', 'viewer');
create type activity_type as enum (
  'project_created', 'file_created', 'file_updated', 'file_deleted',
  'comment_added', 'build_started', 'build_completed', 'collaborator_added'
);

-- Project paths are data, not paths of an operating system: NFC, no empty part, `.`, `..`, control character, backslash,
-- trailing dot or space; at most 255 bytes a part and 1,024 in all. (Neither text nor jsonb can hold NUL.)
create function is_project_path(path text) returns boolean
  language sql immutable strict parallel safe
  return octet_length(path) between 1 and 1024
    and path is nfc normalized
    and path !~ '[\u0001-\u001f\u007f-\u009f\\]'
    and path !~ '(^|/)(/|$)'
    and path !~ '[. ](/|$)'
    and not exists (select from unnest(string_to_array(path, '/')) as part where octet_length(part) > 255);

create table projects (
  id uuid primary key default new_id(),
  name text not null check (char_length(name) between 1 and 255),
  description text,
  prompt text,
  status project_status not null default 'draft',
  visibility project_visibility not null default 'private',
  thumbnail text,
  tech_stack text[] not null default '{}',
  tags text[] not null default '{}',
  template boolean not null default false,
  source_project_id uuid references projects (id) on delete set null,
  git_repo_url text,
  deployment_url text,
  build_health smallint check (build_health between 0 and 100),
  lines_of_code bigint not null default 0 check (lines_of_code >= 0),
  complexity double precision check (complexity between 0 and 10),
  estimated_time integer check (estimated_time >= 0),
  actual_time integer check (actual_time >= 0),
  user_id uuid not null references users (id) on delete restrict,
  owner_role collaborator_role not null generated always as ('owner'::collaborator_role) stored,
  event_seq bigint not null default 0 check (event_seq >= 0),
  event_epoch uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_accessed_at timestamptz,
  archived_at timestamptz
);
comment on column projects.estimated_time is 'minutes';
comment on column projects.actual_time is 'minutes';
comment on column projects.event_seq is 'number of the newest row of project_events; bumped in the transaction that writes it';
create index projects_owner on projects (user_id, updated_at desc, id desc);
create index projects_source on projects (source_project_id);

create table project_collaborators (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  role collaborator_role not null,
  permissions jsonb not null default '{}' check (jsonb_typeof(permissions) = 'object'),
  invited_by uuid references users (id) on delete set null,
  invited_at timestamptz not null default now(),
  accepted_at timestamptz,
  unique (project_id, user_id, role),
  constraint project_collaborators_once unique (project_id, user_id),
  constraint project_collaborators_owner_accepted check (role <> 'owner' or accepted_at is not null)
);
create unique index project_collaborators_one_owner on project_collaborators (project_id) where role = 'owner';
create index project_collaborators_user on project_collaborators (user_id, project_id);
create index project_collaborators_inviter on project_collaborators (invited_by);

-- Invariant: the owner of a project always has a collaborator row with role owner. Checked at commit, so that a transfer
-- may change the three rows in any order inside one transaction.
alter table projects add constraint projects_owner_collaborates
  foreign key (id, user_id, owner_role) references project_collaborators (project_id, user_id, role)
  on delete no action deferrable initially deferred;

create table project_templates (
  id uuid primary key default new_id(),
  name text not null check (char_length(name) between 1 and 255),
  description text,
  category text,
  tags text[] not null default '{}',
  prompt text,
  tech_stack text[] not null default '{}',
  structure jsonb not null default '{}',
  is_public boolean not null default false,
  usage_count bigint not null default 0 check (usage_count >= 0),
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index project_templates_author on project_templates (created_by);
create index project_templates_catalogue on project_templates (category, usage_count desc, id) where is_public;

create table project_events (
  project_id uuid not null references projects (id) on delete cascade,
  seq bigint not null check (seq > 0),
  kind text not null,
  body jsonb not null,
  audience text not null,
  created_at timestamptz not null default now(),
  primary key (project_id, seq)
);
comment on column project_events.audience is 'the ability that a listener needs to see the body; the number advances for all';
create index project_events_age on project_events (created_at);

create table activities (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  type activity_type not null,
  title text not null,
  description text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index activities_project on activities (project_id, created_at desc, id desc);
create index activities_user on activities (user_id);

create table api_tokens (
  id uuid primary key default new_id(),
  user_id uuid not null references users (id) on delete cascade,
  project_id uuid references projects (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 255),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  scopes text[] not null check (scopes <@ array['read', 'write'] and cardinality(scopes) > 0),
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
comment on column api_tokens.token_hash is 'SHA-256 of the token; the token itself is shown once and never stored';
create index api_tokens_user on api_tokens (user_id, id);
create index api_tokens_project on api_tokens (project_id);

-- Single use: taking a ticket deletes it.
create table tickets (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  user_id uuid not null references users (id) on delete cascade,
  project_id uuid references projects (id) on delete cascade,
  scopes text[] not null check (scopes <@ array['read', 'write'] and cardinality(scopes) > 0),
  expires_at timestamptz not null
);
create index tickets_user on tickets (user_id);
create index tickets_project on tickets (project_id);
create index tickets_expiry on tickets (expires_at);

create table invitations (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  email text not null check (char_length(email) between 3 and 320),
  role collaborator_role not null check (role <> 'owner'),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  invited_by uuid references users (id) on delete set null,
  accepted_by uuid references users (id) on delete set null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create unique index invitations_open on invitations (project_id, lower(email))
  where accepted_at is null and revoked_at is null;
create index invitations_project on invitations (project_id, created_at desc, id desc);
create index invitations_inviter on invitations (invited_by);
create index invitations_accepter on invitations (accepted_by);

-- Outlives the people and projects it tells of: they become null, the words in `subject` stay.
create table audit_log (
  id uuid primary key default new_id(),
  actor_id uuid references users (id) on delete set null,
  project_id uuid references projects (id) on delete set null,
  action text not null,
  subject text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index audit_log_age on audit_log (created_at desc, id desc);
create index audit_log_actor on audit_log (actor_id, created_at desc);
create index audit_log_project on audit_log (project_id, created_at desc);
