-- name: lock_source(project_id)
-- Nobody deletes the project while it is copied, so that no bytes of its files are collected; edits go on.
select p.id
from projects as p
where p.id = :project_id and p.deleted_at is null
for key share;

-- name: copy_settings(source_id, project_id)
-- What decides which paths a project may hold.
update projects as p
set keeps_case_clashes = s.keeps_case_clashes
from projects as s
where p.id = :project_id and s.id = :source_id;

-- name: list_slice(source_id, hidden, after_path, limit)
-- What is to be copied, each with the id of its copy: in the order of paths, so that a directory comes before what is in it.
select f.id, new_id() as copy_id, f.path, f.is_directory
from project_files as f
where f.project_id = :source_id and f.deleted_at is null and f.path > :after_path and f.path <> all(:hidden::text[])
order by f.path
limit :limit;

-- name: copy_slice(project_id, ids, copy_ids, parent_ids, user_id)
-- Text is copied as its file row shows it, in the form that the file had before it became a document; the copy is no
-- document until somebody opens it. Bytes are referred to, not copied. Who is whose parent is given: a join would be as
-- slow as the square of the files wherever statistics are of the time before they came.
insert into project_files (
  id, project_id, path, content, binary_content, blob_id, storage_key, storage_type, storage_url, language, mime_type,
  encoding, size, checksum, is_directory, is_symlink, symlink_target, permissions, is_executable, is_hidden, is_binary,
  line_count, parent_id, last_modified_by
)
select
  s.copy_id, :project_id, f.path,
  case when f.content_seq > 0 then with_form(f.content, d.line_ending, d.has_bom) else f.content end,
  f.binary_content, f.blob_id, f.storage_key, f.storage_type, f.storage_url, f.language, f.mime_type, f.encoding,
  f.size, f.checksum, f.is_directory, f.is_symlink, f.symlink_target, f.permissions, f.is_executable, f.is_hidden,
  f.is_binary, f.line_count, s.parent_id, :user_id
from unnest(:ids::uuid[], :copy_ids::uuid[], :parent_ids::uuid[]) as s (id, copy_id, parent_id)
join project_files as f on f.id = s.id
left join documents as d on d.id = s.id;
