-- Paths that differ only by case, which a project refuses unless it wants them; and deletions as people see them.

alter table projects add column keeps_case_clashes boolean not null default false;
comment on column projects.keeps_case_clashes is 'false: README and readme are not both taken, as on the disks of many machines';
create index project_files_folded_path on project_files (project_id, lower(path collate "default")) where deleted_at is null;
create index project_files_deleted on project_files (project_id, deleted_at desc, id desc) where deleted_at is not null;

-- A document's text in the form that its file has: its line ends, its byte order mark.
create function with_form(text text, line_ending text, has_bom boolean) returns text
  language sql immutable parallel safe
  return case when has_bom then U&'\FEFF' else '' end
    || case when line_ending = 'crlf' then replace(text, E'\n', E'\r\n') else text end;
