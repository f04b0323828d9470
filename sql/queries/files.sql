-- name: list(project_id, after_path, limit)
select
  f.id, f.project_id, f.path, f.parent_id, f.is_directory, f.is_binary, f.is_symlink, f.symlink_target,
  f.is_executable, f.is_hidden, f.permissions, f.language, f.mime_type, f.size, f.checksum, f.line_count, f.content_seq,
  f.blob_id, f.last_modified_by, f.created_at, f.updated_at, f.deleted_at
from project_files as f
where f.project_id = :project_id and f.deleted_at is null and f.path > :after_path
order by f.path
limit :limit;

-- name: get(file_id)
select
  f.id, f.project_id, f.path, f.parent_id, f.is_directory, f.is_binary, f.is_symlink, f.symlink_target,
  f.is_executable, f.is_hidden, f.permissions, f.language, f.mime_type, f.size, f.checksum, f.line_count, f.content_seq,
  f.blob_id, f.last_modified_by, f.created_at, f.updated_at, f.deleted_at
from project_files as f
where f.id = :file_id;

-- name: get_by_path(project_id, path)
select
  f.id, f.project_id, f.path, f.parent_id, f.is_directory, f.is_binary, f.is_symlink, f.symlink_target,
  f.is_executable, f.is_hidden, f.permissions, f.language, f.mime_type, f.size, f.checksum, f.line_count, f.content_seq,
  f.blob_id, f.last_modified_by, f.created_at, f.updated_at, f.deleted_at
from project_files as f
where f.project_id = :project_id and f.path = :path and f.deleted_at is null;

-- name: lock_by_path(project_id, path)
-- Nobody changes the row until the transaction ends.
select
  f.id, f.project_id, f.path, f.parent_id, f.is_directory, f.is_binary, f.is_symlink, f.symlink_target,
  f.is_executable, f.is_hidden, f.permissions, f.language, f.mime_type, f.size, f.checksum, f.line_count, f.content_seq,
  f.blob_id, f.last_modified_by, f.created_at, f.updated_at, f.deleted_at
from project_files as f
where f.project_id = :project_id and f.path = :path and f.deleted_at is null
for no key update of f;

-- name: count_room(project_id)
-- How much a project holds, deleted files left out.
select count(f.id) as files, coalesce(sum(f.size), 0)::bigint as bytes
from project_files as f
where f.project_id = :project_id and f.deleted_at is null;

-- name: trace_path(project_id, path)
-- What a path means to a client that may remember it from long ago: the live file there, else the newest of the file
-- that was moved away from it and the one that was deleted at it. No row: the path has no history.
select
  found.file_id, f.path, f.is_directory, f.deleted_at, found.via,
  exists (select from documents as d where d.id = f.id) as is_document
from (
  select l.id as file_id, 'live' as via, 0 as rank, l.created_at as since
  from project_files as l
  where l.project_id = :project_id and l.path = :path and l.deleted_at is null
  union all
  select a.file_id, 'alias', 1, a.created_at
  from path_aliases as a
  where a.project_id = :project_id and a.path = :path
  union all
  select t.id, 'tombstone', 1, t.deleted_at
  from project_files as t
  where t.project_id = :project_id and t.path = :path and t.deleted_at is not null
) as found
join project_files as f on f.id = found.file_id
order by found.rank, found.since desc
limit 1;

-- name: create(project_id, path, parent_id, is_directory, content, blob_id, size, checksum, line_count, language, mime_type, is_binary, symlink_target, permissions, is_executable, is_hidden, user_id)
-- No row when a live file has the path. With a blob the file is kept where the blob is.
insert into project_files (
  project_id, path, parent_id, is_directory, content, blob_id, storage_key, storage_type, size, checksum, line_count,
  language, mime_type, is_binary, is_symlink, symlink_target, permissions, is_executable, is_hidden, last_modified_by
)
values (
  :project_id, :path, :parent_id, :is_directory, :content, :blob_id, :blob_id::uuid::text,
  coalesce((select b.storage_type from blobs as b where b.id = :blob_id), 'database'), :size, :checksum, :line_count,
  :language, :mime_type, :is_binary, :symlink_target::text is not null, :symlink_target::text, :permissions,
  :is_executable, :is_hidden, :user_id
)
on conflict (project_id, path) where deleted_at is null do nothing
returning id;

-- name: write_blob(file_id, blob_id, size, checksum, user_id)
-- Only for a file that holds bytes already.
update project_files as f
set blob_id = b.id, storage_key = b.id::text, storage_type = b.storage_type, size = :size, checksum = :checksum,
  last_modified_by = :user_id, updated_at = now()
from blobs as b
where f.id = :file_id and b.id = :blob_id and f.deleted_at is null and f.is_binary;

-- name: read_content(file_id)
select f.content, f.content_seq, f.binary_content, f.is_directory, f.is_binary, f.is_symlink, f.size, f.checksum
from project_files as f
where f.id = :file_id and f.deleted_at is null;

-- name: read_stored_text(file_id)
-- No row when the file is a document: then the text is there, and this is a cache of it.
select coalesce(f.content, '') as content
from project_files as f
where f.id = :file_id and f.deleted_at is null and not f.is_binary
  and not exists (select from documents as d where d.id = f.id);

-- name: read_content_for_seed(file_id)
-- Holds the file until the transaction ends, so that the text that is seeded is the text that the file has.
select f.content, f.content_seq, f.binary_content, f.is_directory, f.is_binary, f.is_symlink, f.size, f.checksum
from project_files as f
where f.id = :file_id and f.deleted_at is null
for no key update;

-- name: write_content(file_id, content, binary_content, size, checksum, line_count, is_binary, user_id)
-- Only for a file that is no document: a document is written by edits.
update project_files as f
set content = :content, binary_content = :binary_content, size = :size, checksum = :checksum,
  line_count = :line_count, is_binary = :is_binary, last_modified_by = :user_id, updated_at = now()
where f.id = :file_id and f.deleted_at is null and not f.is_directory
  and not exists (select from documents as d where d.id = f.id);

-- name: refresh_content(file_id, content, content_seq, size, checksum, line_count, user_id)
-- The cache only moves forward: a slow worker cannot put an older text over a newer one.
update project_files as f
set content = :content, content_seq = :content_seq, size = :size, checksum = :checksum, line_count = :line_count,
  last_modified_by = coalesce(:user_id, f.last_modified_by), updated_at = now()
where f.id = :file_id and f.content_seq < :content_seq;

-- name: move_tree(project_id, old_path, new_path, parent_id, user_id)
-- Moves a file, or a directory with all that is under it; every old path becomes an alias. No rows when nothing live is
-- there, or when a directory would move into itself.
with tree as (
  select f.id, f.path as old_path, :new_path || substr(f.path, char_length(:old_path) + 1) as new_path
  from project_files as f
  where f.project_id = :project_id
    and f.deleted_at is null
    and (f.path = :old_path or (f.path >= :old_path || '/' and f.path < :old_path || '0'))
    and not starts_with(:new_path || '/', :old_path || '/')
  order by f.id
  for no key update
), moved as (
  update project_files as f
  set path = t.new_path, updated_at = now(), last_modified_by = :user_id,
    parent_id = case when t.old_path = :old_path then :parent_id::uuid else f.parent_id end
  from tree as t
  where f.id = t.id
  returning f.id, f.is_directory
), aliased as (
  insert into path_aliases (project_id, path, file_id)
  select :project_id, t.old_path, t.id from tree as t
  on conflict (project_id, path) do update set file_id = excluded.file_id, created_at = now()
)
select t.id, t.old_path, t.new_path, m.is_directory
from tree as t
join moved as m on m.id = t.id
order by t.new_path;

-- name: delete_tree(project_id, path, user_id)
-- Leaves tombstones of a file, or of a directory and all that is under it.
with tree as (
  select f.id
  from project_files as f
  where f.project_id = :project_id
    and f.deleted_at is null
    and (f.path = :path or (f.path >= :path || '/' and f.path < :path || '0'))
  order by f.id
  for no key update
), buried as (
  update project_files as f
  set deleted_at = now(), updated_at = now(), last_modified_by = :user_id
  from tree as t
  where f.id = t.id
  returning f.id, f.path, f.is_directory
)
select b.id, b.path, b.is_directory
from buried as b
order by b.path;

-- name: purge_tombstones(before, limit)
-- After retention the rows go, and their documents with them. A directory waits while something live is in it, which a
-- creation at the very moment of the deletion can leave behind.
delete from project_files as f
using (
  select e.id
  from project_files as e
  where e.deleted_at <= :before
    and not exists (
      select from project_files as c
      where c.project_id = e.project_id and c.parent_id = e.id and c.deleted_at is null
    )
  order by e.deleted_at
  limit :limit
  for update skip locked
) as old
where f.id = old.id;

-- name: find_case_clash(project_id, path, except_path)
-- A live path that is the same but for case; `except_path` is on its way to `path`.
select f.path
from project_files as f
where f.project_id = :project_id
  and f.deleted_at is null
  and lower(f.path collate "default") = lower(:path::text collate "default")
  and f.path <> :path
  and f.path <> :except_path
order by f.path
limit 1;

-- name: list_foreign_names(project_id, parent_id, limit)
-- Names beside one another that hold letters beyond ASCII.
select f.path
from project_files as f
where f.project_id = :project_id and f.parent_id is not distinct from :parent_id::uuid and f.deleted_at is null
  and octet_length(f.path) > char_length(f.path)
order by f.path
limit :limit;

-- name: list_names(project_id, parent_id, limit)
select f.path
from project_files as f
where f.project_id = :project_id and f.parent_id is not distinct from :parent_id::uuid and f.deleted_at is null
order by f.path
limit :limit;

-- name: set_properties(file_id, permissions, is_executable, is_hidden, user_id)
-- Null leaves a property as it is.
update project_files as f
set permissions = coalesce(:permissions::integer, f.permissions),
  is_executable = coalesce(:is_executable::boolean, f.is_executable),
  is_hidden = coalesce(:is_hidden::boolean, f.is_hidden), last_modified_by = :user_id, updated_at = now()
where f.id = :file_id and f.deleted_at is null;

-- name: set_kind(file_id, language, mime_type, is_hidden)
-- What follows from a name.
update project_files as f
set language = :language, mime_type = :mime_type, is_hidden = :is_hidden
where f.id = :file_id;

-- name: count_tree(project_id, path, hidden)
select count(f.id) as files, coalesce(sum(f.size), 0)::bigint as bytes
from project_files as f
where f.project_id = :project_id and f.deleted_at is null
  and (f.path = :path or (f.path >= :path || '/' and f.path < :path || '0'))
  and f.path <> all(:hidden::text[]);

-- name: list_paths(project_id, after_path, limit)
select f.path
from project_files as f
where f.project_id = :project_id and f.deleted_at is null and f.path > :after_path
order by f.path
limit :limit;

-- name: list_paths_below(project_id, path, after_path, limit)
select f.path
from project_files as f
where f.project_id = :project_id and f.deleted_at is null and f.path >= :path || '/' and f.path < :path || '0'
  and f.path > :after_path
order by f.path
limit :limit;

-- name: list_deleted_below(project_id, path, deleted_at, after_path, limit)
-- What went with the directory at this path, at this moment.
select f.path
from project_files as f
where f.project_id = :project_id and f.deleted_at = :deleted_at and f.path >= :path || '/' and f.path < :path || '0'
  and f.path > :after_path
order by f.path
limit :limit;

-- name: find_clashing_pair(project_id)
-- Two live paths that are the same but for case.
select min(f.path) as path, max(f.path) as other
from project_files as f
where f.project_id = :project_id and f.deleted_at is null
group by lower(f.path collate "default")
having count(*) > 1
limit 1;

-- name: copy_tree(project_id, old_path, new_path, hidden, parent_id, user_id)
-- One statement however large the tree is. The text of a document is copied as its file row shows it, in the form that
-- the file had before it became one; the copy is no document until somebody opens it.
with tree as materialized (
  select f.id, new_id() as copy_id, f.parent_id, :new_path || substr(f.path, char_length(:old_path) + 1) as path,
    f.path = :old_path as is_root
  from project_files as f
  where f.project_id = :project_id
    and f.deleted_at is null
    and (f.path = :old_path or (f.path >= :old_path || '/' and f.path < :old_path || '0'))
    and f.path <> all(:hidden::text[])
), copied as (
  insert into project_files (
    id, project_id, path, content, blob_id, storage_key, storage_type, storage_url, language, mime_type, encoding, size,
    checksum, is_directory, is_symlink, symlink_target, permissions, is_executable, is_hidden, is_binary, line_count,
    parent_id, last_modified_by
  )
  select
    t.copy_id, :project_id, t.path, case when f.content_seq > 0 then with_form(f.content, d.line_ending, d.has_bom) else f.content end,
    f.blob_id, f.storage_key, f.storage_type, f.storage_url, f.language, f.mime_type, f.encoding, f.size,
    f.checksum, f.is_directory, f.is_symlink, f.symlink_target, f.permissions, f.is_executable, f.is_hidden,
    f.is_binary, f.line_count, case when t.is_root then :parent_id::uuid else p.copy_id end, :user_id
  from tree as t
  join project_files as f on f.id = t.id
  left join documents as d on d.id = f.id
  left join tree as p on p.id = t.parent_id
  returning id, path, is_directory
)
select c.id, c.path, c.is_directory
from copied as c
order by c.path;

-- name: list_deleted(project_id, before_deleted_at, before_id, limit)
-- What people deleted, newest first: a directory stands for all that went with it.
select f.id, f.path, f.is_directory, f.is_binary, f.size, f.deleted_at as gone_at, f.last_modified_by as deleted_by
from project_files as f
where f.project_id = :project_id
  and f.deleted_at is not null
  and (:before_id::uuid is null or (f.deleted_at, f.id) < (:before_deleted_at::timestamptz, :before_id::uuid))
  and not exists (
    select from project_files as p
    where p.project_id = f.project_id and p.id = f.parent_id and p.deleted_at = f.deleted_at
  )
order by f.deleted_at desc, f.id desc
limit :limit;

-- name: get_deleted(project_id, file_id)
select f.id, f.path, f.is_directory, f.is_binary, f.size, f.deleted_at as gone_at, f.last_modified_by as deleted_by
from project_files as f
where f.project_id = :project_id and f.id = :file_id and f.deleted_at is not null;

-- name: restore_tree(project_id, file_id, old_path, new_path, deleted_at, parent_id, user_id)
-- Brings back what one deletion took: the file, and what lay below it and went with it.
with tree as (
  select f.id
  from project_files as f
  where f.project_id = :project_id
    and f.deleted_at = :deleted_at
    and (f.id = :file_id or (f.path >= :old_path || '/' and f.path < :old_path || '0'))
  order by f.id
  for no key update
), raised as (
  update project_files as f
  set deleted_at = null, path = :new_path || substr(f.path, char_length(:old_path) + 1), updated_at = now(),
    last_modified_by = :user_id,
    parent_id = case when f.id = :file_id then :parent_id::uuid else f.parent_id end
  from tree as t
  where f.id = t.id
  returning f.id, f.path, f.is_directory
)
select r.id, r.path, r.is_directory
from raised as r
order by r.path;

-- name: add_alias(project_id, path, file_id)
insert into path_aliases (project_id, path, file_id)
values (:project_id, :path, :file_id)
on conflict (project_id, path) do update set file_id = excluded.file_id, created_at = now();

-- name: find_alias(project_id, path)
select a.file_id, a.created_at
from path_aliases as a
where a.project_id = :project_id and a.path = :path;
