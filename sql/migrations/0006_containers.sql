-- What runs: containers with their terminals and watchers, and build tasks.

create type webcontainer_status as enum ('booting', 'ready', 'error', 'terminated');
create type terminal_status as enum ('running', 'stopped', 'error');
create type file_watcher_event as enum ('create', 'change', 'rename', 'delete');
create type build_task_status as enum ('pending', 'in_progress', 'completed', 'failed', 'cancelled');
create type build_task_type as enum (
  'file_creation', 'code_generation', 'dependency_install', 'build', 'test', 'deploy'
);

create table webcontainer_instances (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  status webcontainer_status not null default 'booting',
  workdir_name text,
  container_url text,
  port integer check (port between 1 and 65535),
  open_ports jsonb not null default '[]' check (jsonb_typeof(open_ports) = 'array'),
  environment_vars jsonb not null default '{}' check (jsonb_typeof(environment_vars) = 'object'),
  boot_options jsonb not null default '{}' check (jsonb_typeof(boot_options) = 'object'),
  last_activity timestamptz not null default now(),
  created_at timestamptz not null default now(),
  terminated_at timestamptz,
  constraint webcontainer_instances_in_project unique (project_id, id)
);
comment on column webcontainer_instances.port is 'the main one of open_ports';
comment on column webcontainer_instances.open_ports is '[{port, url, type: open or close}]';
comment on column webcontainer_instances.boot_options is '{coep, workdirName, forwardPreviewErrors}';
create index webcontainer_instances_project on webcontainer_instances (project_id, created_at desc, id desc);
create index webcontainer_instances_user on webcontainer_instances (user_id);
create index webcontainer_instances_running on webcontainer_instances (last_activity) where status in ('booting', 'ready');

create table terminal_sessions (
  id uuid primary key default new_id(),
  webcontainer_id uuid not null,
  project_id uuid not null references projects (id) on delete cascade,
  user_id uuid references users (id) on delete set null,
  title text,
  command text,
  working_directory text,
  status terminal_status not null default 'running',
  process_id integer check (process_id > 0),
  terminal_size jsonb not null default '{"cols": 80, "rows": 24}' check (jsonb_typeof(terminal_size) = 'object'),
  output bytea,
  exit_code integer,
  created_at timestamptz not null default now(),
  last_activity timestamptz not null default now(),
  ended_at timestamptz,
  constraint terminal_sessions_webcontainer foreign key (project_id, webcontainer_id)
    references webcontainer_instances (project_id, id) on delete cascade
);
comment on column terminal_sessions.output is 'the kept end of what was printed: bytes, because a cut may fall inside a character';
comment on column terminal_sessions.terminal_size is '{cols, rows}, characters';
create index terminal_sessions_webcontainer on terminal_sessions (project_id, webcontainer_id, created_at, id);
create index terminal_sessions_user on terminal_sessions (user_id);

create table file_watchers (
  id uuid primary key default new_id(),
  webcontainer_id uuid not null,
  project_id uuid not null references projects (id) on delete cascade,
  watch_path text not null,
  is_recursive boolean not null default true,
  encoding text not null default 'utf-8',
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  constraint file_watchers_in_project unique (project_id, id),
  constraint file_watchers_path_inside check (watch_path in ('', '.') or is_project_path(watch_path)),
  constraint file_watchers_webcontainer foreign key (project_id, webcontainer_id)
    references webcontainer_instances (project_id, id) on delete cascade
);
create index file_watchers_webcontainer on file_watchers (project_id, webcontainer_id);

create table file_watcher_events (
  id uuid primary key default new_id(),
  watcher_id uuid not null,
  project_id uuid not null references projects (id) on delete cascade,
  event file_watcher_event not null,
  filename text not null,
  full_path text not null check (is_project_path(full_path)),
  previous_path text check (is_project_path(previous_path)),
  file_size bigint check (file_size >= 0),
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint file_watcher_events_rename_has_origin check (previous_path is null or event = 'rename'),
  constraint file_watcher_events_watcher foreign key (project_id, watcher_id)
    references file_watchers (project_id, id) on delete cascade
);
comment on column file_watcher_events.file_size is 'bytes';
create index file_watcher_events_watcher on file_watcher_events (project_id, watcher_id, created_at desc, id desc);
create index file_watcher_events_age on file_watcher_events (created_at);

create table build_tasks (
  id uuid primary key default new_id(),
  project_id uuid not null references projects (id) on delete cascade,
  type build_task_type not null,
  title text not null,
  description text,
  status build_task_status not null default 'pending',
  priority integer not null default 0,
  progress smallint not null default 0 check (progress between 0 and 100),
  estimated_duration integer check (estimated_duration >= 0),
  actual_duration integer check (actual_duration >= 0),
  dependencies uuid[] not null default '{}',
  result jsonb,
  logs text,
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz
);
comment on column build_tasks.priority is 'higher runs first';
comment on column build_tasks.estimated_duration is 'seconds';
comment on column build_tasks.actual_duration is 'seconds';
comment on column build_tasks.dependencies is 'ids of tasks of the same project; a deleted one no longer holds anything up';
create index build_tasks_project on build_tasks (project_id, created_at desc, id desc);
create index build_tasks_queue on build_tasks (project_id, priority desc, id) where status = 'pending';
