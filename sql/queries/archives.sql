-- name: create_import(user_id, request_key, project_id)
-- No row when the same request came before.
insert into imports (user_id, request_key, project_id)
values (:user_id, :request_key, :project_id)
on conflict (user_id, request_key) do nothing
returning id;

-- name: find_import(user_id, request_key)
select i.id
from imports as i
where i.user_id = :user_id and i.request_key = :request_key;

-- name: get_import(user_id, import_id)
select
  i.id, i.project_id, i.state, i.reason, i.files, i.files_total, i.bytes, i.bytes_total, i.skipped, i.warnings, i.told_at
from imports as i
where i.id = :import_id and i.user_id = :user_id;

-- name: tell_import(import_id, state, files, files_total, bytes, bytes_total, skipped, warnings)
-- Touches no row when the import is no more (its person or its project is gone) or was cancelled.
update imports
set state = :state, files = :files, files_total = :files_total, bytes = :bytes, bytes_total = :bytes_total,
  skipped = :skipped, warnings = :warnings::text[], told_at = now()
where id = :import_id and state in ('unpacking', 'placing');

-- name: cancel_import(user_id, import_id, reason)
-- One that is being placed is waited for, and is done then.
update imports
set state = 'refused', reason = :reason, told_at = now()
where id = :import_id and user_id = :user_id and state in ('unpacking', 'placing');

-- name: lock_import(import_id)
-- No row when it is no more or was cancelled; from here on it cannot be.
select i.id
from imports as i
where i.id = :import_id and i.state in ('unpacking', 'placing')
for no key update;

-- name: end_import(import_id, state, reason, project_id)
update imports
set state = :state, reason = :reason, project_id = coalesce(:project_id, project_id), told_at = now()
where id = :import_id;

-- name: forget_staged(import_id)
delete from import_files as f
where f.import_id = :import_id;

-- name: expire_imports(before, limit)
delete from imports as i
using (
  select o.id from imports as o where o.created_at <= :before order by o.created_at limit :limit
  for update skip locked
) as old
where i.id = old.id;

-- name: expire_staged(before, limit)
-- Of imports whose process fell silent before it was done. Whole imports at a time.
with silent as (
  select o.id
  from imports as o
  where o.told_at <= :before and o.state in ('unpacking', 'placing')
  order by o.told_at
  limit :limit
  for update skip locked
), forgotten as (
  delete from import_files as f
  using silent as s
  where f.import_id = s.id
)
update imports as i
set state = 'failed'
from silent as s
where i.id = s.id;

-- name: stage(import_id, batch, paths, parent_paths, are_directories, are_texts, contents, blob_ids, sizes, checksums, line_counts, languages, mime_types, targets, permissions, are_executable, are_hidden)
-- One row for each place of the arrays; an empty language, type or target stands for none.
insert into import_files (
  import_id, batch, path, parent_path, is_directory, content, blob_id, size, checksum, line_count, language, mime_type,
  symlink_target, permissions, is_executable, is_hidden
)
select
  :import_id, :batch, s.path, s.parent_path, s.is_directory, case when s.is_text then s.content end, s.blob_id, s.size,
  s.checksum, s.line_count, nullif(s.language, ''), nullif(s.mime_type, ''), nullif(s.target, ''), s.permissions,
  s.is_executable, s.is_hidden
from unnest(
  :paths::text[], :parent_paths::text[], :are_directories::boolean[], :are_texts::boolean[], :contents::text[],
  :blob_ids::uuid[], :sizes::bigint[], :checksums::bytea[], :line_counts::integer[], :languages::text[],
  :mime_types::text[], :targets::text[], :permissions::integer[], :are_executable::boolean[], :are_hidden::boolean[]
) as s(
  path, parent_path, is_directory, is_text, content, blob_id, size, checksum, line_count, language, mime_type, target,
  permissions, is_executable, is_hidden
);

-- name: list_staged(import_id, after_path, limit)
select f.path
from import_files as f
where f.import_id = :import_id and f.path > :after_path
order by f.path
limit :limit;

-- name: list_taken(import_id, project_id, limit)
-- Paths that the project has already; directories may be there on both sides.
select f.path
from import_files as i
join project_files as f on f.project_id = :project_id and f.path = i.path and f.deleted_at is null
where i.import_id = :import_id and not (i.is_directory and f.is_directory)
order by f.path
limit :limit;

-- name: find_case_clash(import_id, project_id)
-- A path of the project that one to come differs from only by case.
select i.path, f.path as other
from import_files as i
join project_files as f
  on f.project_id = :project_id
  and lower(f.path collate "default") = lower(i.path collate "default")
  and f.path <> i.path
  and f.deleted_at is null
where i.import_id = :import_id
order by i.path
limit 1;

-- name: place_tree(import_id, project_id, first_batch, last_batch, user_id)
-- What was unpacked becomes files: in the directories that the project has, or in those that come along.
with placed as (
  insert into project_files (
    id, project_id, path, content, blob_id, storage_key, storage_type, language, mime_type, size, checksum, is_directory,
    is_symlink, symlink_target, permissions, is_executable, is_hidden, is_binary, line_count, parent_id, last_modified_by
  )
  select
    i.id, :project_id, i.path, i.content, i.blob_id, i.blob_id::text, coalesce(b.storage_type, 'database'), i.language,
    i.mime_type, i.size, i.checksum, i.is_directory, i.symlink_target is not null, i.symlink_target, i.permissions,
    i.is_executable, i.is_hidden, i.blob_id is not null, i.line_count, coalesce(d.id, p.id), :user_id
  from import_files as i
  left join blobs as b on b.id = i.blob_id
  left join import_files as p on p.import_id = i.import_id and p.path = i.parent_path
  left join project_files as d on d.project_id = :project_id and d.path = i.parent_path and d.deleted_at is null
  where i.import_id = :import_id
    and i.batch between :first_batch and :last_batch
    and not (
      i.is_directory
      and exists (
        select from project_files as e where e.project_id = :project_id and e.path = i.path and e.deleted_at is null
      )
    )
  returning id, path, is_directory
)
select p.id, p.path, p.is_directory
from placed as p
order by p.path;

-- name: keep_case_clashes(project_id)
update projects
set keeps_case_clashes = true
where id = :project_id;

-- name: manifest(project_id, limit)
-- What an export packs, as of one moment.
select f.id, f.path, f.is_directory, f.is_binary, f.symlink_target, f.permissions, f.is_executable, f.size, f.blob_id
from project_files as f
where f.project_id = :project_id and f.deleted_at is null
order by f.path
limit :limit;

-- name: list_texts(file_ids, limit)
-- Texts in the form that their files have; `is_behind`: the log holds newer edits than the row shows.
select
  f.id,
  case when f.content_seq > 0 then with_form(f.content, d.line_ending, d.has_bom) else coalesce(f.content, '') end
    as shown,
  coalesce(d.last_seq > greatest(f.content_seq, 1), false) as is_behind
from project_files as f
left join documents as d on d.id = f.id
where f.id = any(:file_ids::uuid[])
order by f.id
limit :limit;
