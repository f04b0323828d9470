-- What people do with whole projects: find them by their words, archive them, delete them for a while. Older code runs on
-- it, but still lists what is deleted, and lets people write in what is archived.

alter table projects
  add column deleted_at timestamptz,
  add column status_before_archive project_status;
comment on column projects.deleted_at is 'nobody can enter it from then on; its owner can have it back until it is purged';
comment on column projects.status_before_archive is 'what it becomes again when it leaves the archive';

-- The words that a project is found by, as they are written: names are in every language.
create function project_words(name text, description text, tags text[]) returns tsvector
  language sql immutable parallel safe
  return to_tsvector(
    'simple'::regconfig, name || ' ' || coalesce(description, '') || ' ' || array_to_string(tags, ' ')
  );

create index projects_words on projects using gin (project_words(name, description, tags))
  where visibility = 'public' and deleted_at is null;
create index projects_public on projects (updated_at desc, id desc) where visibility = 'public' and deleted_at is null;
create index projects_team on projects (user_id) where visibility = 'team' and deleted_at is null;
create index projects_deleted on projects (deleted_at, id) where deleted_at is not null;
