create table if not exists entries (
  id integer primary key,
  name text not null check (length(name) between 1 and 40),
  message text not null check (length(message) > 0),
  written_at text not null default (datetime('now'))
);
