-- What machines suggest and what was counted.

create table code_completions (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  file_id uuid not null,
  language text not null,
  context text not null,
  position jsonb not null check (jsonb_typeof(position) = 'object'),
  completions jsonb not null default '[]' check (jsonb_typeof(completions) = 'array'),
  trigger_kind text not null check (trigger_kind in ('invoke', 'trigger', 'content-change')),
  cache_expiry timestamptz not null,
  created_at timestamptz not null default now(),
  constraint code_completions_file foreign key (project_id, file_id)
    references project_files (project_id, id) on delete cascade
);
comment on column code_completions.position is '{line, col}';
comment on column code_completions.completions is '[{label, kind, detail, documentation, insertText}]';
create index code_completions_file on code_completions (project_id, file_id, created_at desc, id desc);
create index code_completions_expiry on code_completions (cache_expiry);

create table ai_chat_sessions (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  title text,
  context jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index ai_chat_sessions_project on ai_chat_sessions (project_id, updated_at desc, id desc);
create index ai_chat_sessions_user on ai_chat_sessions (user_id, updated_at desc);

create table ai_chat_messages (
  id uuid primary key default new_id(),
  session_id uuid not null references ai_chat_sessions (id) on delete cascade,
  role text not null check (role in ('user', 'assistant', 'system', 'tool')),
  content text not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now()
);
create index ai_chat_messages_session on ai_chat_messages (session_id, created_at, id);

create table project_analytics (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  date date not null,
  views integer not null default 0 check (views >= 0),
  edits integer not null default 0 check (edits >= 0),
  builds integer not null default 0 check (builds >= 0),
  collaborators integer not null default 0 check (collaborators >= 0),
  api_calls integer not null default 0 check (api_calls >= 0),
  build_time integer not null default 0 check (build_time >= 0),
  constraint project_analytics_once unique (project_id, date)
);
comment on column project_analytics.date is 'the day in UTC';
comment on column project_analytics.build_time is 'seconds';
