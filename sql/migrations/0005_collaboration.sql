-- Who is here, where their cursors are, what they say to one another.

create table collaboration_sessions (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  socket_id text not null,
  cursor jsonb check (jsonb_typeof(cursor) = 'object'),
  selection jsonb check (jsonb_typeof(selection) = 'object'),
  is_active boolean not null default true,
  last_activity timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint collaboration_sessions_socket unique (project_id, socket_id)
);
comment on column collaboration_sessions.cursor is '{fileId, line, column} of the file that has focus now';
create index collaboration_sessions_present on collaboration_sessions (project_id, last_activity desc) where is_active;
create index collaboration_sessions_user on collaboration_sessions (user_id);
create index collaboration_sessions_age on collaboration_sessions (last_activity);

create table collaborative_cursors (
  id uuid primary key default new_id(),
  session_id uuid not null references collaboration_sessions (id) on delete cascade,
  file_id uuid not null references project_files (id) on delete cascade,
  user_id uuid not null references users (id) on delete cascade,
  position jsonb not null check (jsonb_typeof(position) = 'object'),
  selection jsonb check (jsonb_typeof(selection) = 'object'),
  color text not null check (is_color(color)),
  user_name text not null,
  is_visible boolean not null default true,
  last_update timestamptz not null default now(),
  constraint collaborative_cursors_once unique (session_id, file_id)
);
comment on column collaborative_cursors.position is '{line, col}, the live and last place in this file';
create index collaborative_cursors_file on collaborative_cursors (file_id, last_update desc);
create index collaborative_cursors_user on collaborative_cursors (user_id);

create table comments (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  file_id uuid,
  user_id uuid references users (id) on delete set null,
  content text not null check (char_length(content) between 1 and 65536),
  line_number integer check (line_number >= 1),
  parent_id uuid,
  is_resolved boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint comments_in_project unique (project_id, id),
  constraint comments_file foreign key (project_id, file_id)
    references project_files (project_id, id) on delete cascade,
  constraint comments_parent foreign key (project_id, parent_id)
    references comments (project_id, id) on delete cascade,
  constraint comments_not_own_parent check (parent_id <> id)
);
create index comments_file on comments (project_id, file_id, created_at, id);
create index comments_parent on comments (project_id, parent_id, created_at, id);
create index comments_user on comments (user_id);

create table editor_states (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  file_id uuid not null,
  user_id uuid not null references users (id) on delete cascade,
  cursor_position jsonb not null default '{"line": 1, "col": 0}' check (jsonb_typeof(cursor_position) = 'object'),
  selection jsonb check (jsonb_typeof(selection) = 'object'),
  viewport jsonb check (jsonb_typeof(viewport) = 'object'),
  folded_ranges jsonb not null default '[]' check (jsonb_typeof(folded_ranges) = 'array'),
  scroll_position jsonb not null default '{"top": 0, "left": 0}' check (jsonb_typeof(scroll_position) = 'object'),
  editor_extensions text[] not null default '{}',
  theme text,
  font_size smallint check (font_size between 4 and 128),
  tab_size smallint check (tab_size between 1 and 16),
  line_wrapping boolean not null default false,
  line_numbers boolean not null default true,
  is_active boolean not null default false,
  last_activity timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint editor_states_once unique (user_id, file_id),
  constraint editor_states_file foreign key (project_id, file_id)
    references project_files (project_id, id) on delete cascade
);
comment on column editor_states.cursor_position is '{line, col} where this person resumes';
comment on column editor_states.font_size is 'CSS pixels';
create index editor_states_file on editor_states (project_id, file_id);
create index editor_states_resume on editor_states (user_id, project_id, last_activity desc);
