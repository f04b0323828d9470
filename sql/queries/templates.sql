-- name: create(source_id, name, description, category, tags, prompt, is_public, user_id)
-- What a project is made with follows it.
insert into project_templates (
  name, description, category, tags, prompt, tech_stack, is_public, keeps_case_clashes, created_by
)
select :name, :description, :category, :tags, :prompt, p.tech_stack, :is_public, p.keeps_case_clashes, :user_id
from projects as p
where p.id = :source_id
returning id;

-- name: ensure_own(slug, version, name, description, category, tags, tech_stack, variables)
-- One that comes with the server; no row when this version is there already.
insert into project_templates (slug, version, name, description, category, tags, tech_stack, variables, is_public)
values (:slug, :version, :name, :description, :category, :tags, :tech_stack, :variables, true)
on conflict (slug) do update
set version = excluded.version, name = excluded.name, description = excluded.description, category = excluded.category,
  tags = excluded.tags, tech_stack = excluded.tech_stack, variables = excluded.variables, updated_at = now()
where project_templates.version is distinct from excluded.version
returning id;

-- name: discard_files(template_id)
delete from template_files
where template_id = :template_id;

-- name: add_texts(template_id, paths, contents, languages, mime_types, sizes, checksums, line_counts, are_directories, are_executable, are_hidden)
insert into template_files (
  template_id, path, content, language, mime_type, size, checksum, line_count, is_directory, is_executable, is_hidden
)
select
  :template_id, f.path, case when f.is_directory then null else f.content end, nullif(f.language, ''),
  nullif(f.mime_type, ''), f.size, case when f.is_directory then null else f.checksum end, f.line_count,
  f.is_directory, f.is_executable, f.is_hidden
from unnest(
  :paths::text[], :contents::text[], :languages::text[], :mime_types::text[], :sizes::bigint[], :checksums::bytea[],
  :line_counts::integer[], :are_directories::boolean[], :are_executable::boolean[], :are_hidden::boolean[]
) as f (
  path, content, language, mime_type, size, checksum, line_count, is_directory, is_executable, is_hidden
);

-- name: add_slice_of(template_id, source_id, hidden, after_path, limit)
-- The live files of a project, but for those that are hidden from who makes the template.
with source as materialized (
  select f.id, f.path
  from project_files as f
  where f.project_id = :source_id and f.deleted_at is null and f.path > :after_path and f.path <> all(:hidden::text[])
  order by f.path
  limit :limit
), added as (
  insert into template_files (
    template_id, path, content, blob_id, language, mime_type, size, checksum, line_count, is_directory, symlink_target,
    permissions, is_executable, is_hidden, is_binary
  )
  select :template_id, f.path,
    case when f.content_seq > 0 then with_form(f.content, d.line_ending, d.has_bom) else f.content end,
    f.blob_id, f.language, f.mime_type, f.size, f.checksum, f.line_count, f.is_directory, f.symlink_target,
    f.permissions, f.is_executable, f.is_hidden, f.is_binary
  from source as s
  join project_files as f on f.id = s.id
  left join documents as d on d.id = s.id
)
select max(s.path) as last_path
from source as s;

-- name: describe_structure(template_id)
-- The tree as other programs that share the database read it.
update project_templates as t
set structure = jsonb_build_object('files', coalesce((
  select jsonb_agg(jsonb_build_object('path', f.path, 'isDirectory', f.is_directory, 'size', f.size) order by f.path)
  from template_files as f
  where f.template_id = t.id
), '[]'::jsonb))
where t.id = :template_id;

-- name: uses_of(template_id, names)
-- Where each variable stands: in some path or link, in some text.
select n.name,
  exists (
    select from template_files as f
    where f.template_id = :template_id
      and position('{{' || n.name || '}}' in f.path || ' ' || coalesce(f.symlink_target, '')) > 0
  ) as is_in_paths,
  exists (
    select from template_files as f
    where f.template_id = :template_id and position('{{' || n.name || '}}' in f.content) > 0
  ) as is_in_texts
from unnest(:names::text[]) as n (name)
order by n.name;

-- name: set_variables(template_id, variables)
update project_templates
set variables = :variables
where id = :template_id;

-- name: get(template_id, user_id)
-- One that this person may see.
select
  t.id, t.name, t.description, t.category, t.tags, t.prompt, t.tech_stack, t.variables, t.is_public, t.usage_count,
  t.slug, t.keeps_case_clashes, t.created_by, u.name as author_name, u.email as author_email, t.created_at, t.updated_at
from project_templates as t
left join users as u on u.id = t.created_by
where t.id = :template_id and (t.is_public or t.created_by = :user_id);

-- name: list(user_id, only_own, category, tag, words, before_usage, before_id, limit)
-- Public ones and the person's own, those used most first.
select
  t.id, t.name, t.description, t.category, t.tags, t.prompt, t.tech_stack, t.variables, t.is_public, t.usage_count,
  t.slug, t.keeps_case_clashes, t.created_by, u.name as author_name, u.email as author_email, t.created_at, t.updated_at
from project_templates as t
left join users as u on u.id = t.created_by
where (t.created_by = :user_id or (t.is_public and not :only_own::boolean))
  and (:category::text is null or t.category = :category::text)
  and (:tag::text is null or t.tags @> array[:tag::text])
  and (:words::text is null or project_words(t.name, t.description, t.tags) @@ to_tsquery('simple', :words::text))
  and (:before_id::uuid is null or (t.usage_count, t.id) < (:before_usage::bigint, :before_id::uuid))
order by t.usage_count desc, t.id desc
limit :limit;

-- name: list_paths(template_id, after_path, limit)
select f.path, f.is_directory, f.size
from template_files as f
where f.template_id = :template_id and f.path > :after_path
order by f.path
limit :limit;

-- name: count_of(user_id)
select count(t.id) as made
from project_templates as t
where t.created_by = :user_id;

-- name: delete(template_id, user_id)
delete from project_templates
where id = :template_id and created_by = :user_id;

-- name: count_use(template_id)
update project_templates
set usage_count = usage_count + 1
where id = :template_id
returning usage_count;

-- name: lock(template_id)
-- Nobody deletes the template while a project is made from it, so that its bytes are not collected.
select t.id
from project_templates as t
where t.id = :template_id
for key share;

-- name: copy_settings(template_id, project_id)
update projects as p
set keeps_case_clashes = t.keeps_case_clashes
from project_templates as t
where p.id = :project_id and t.id = :template_id;

-- name: list_slice(template_id, names, given, after_path, limit)
-- What is to be made, each with its id and the path that the values make of its own; directories come before what is in
-- them.
select t.path as template_path, filled_in(t.path, :names::text[], :given::text[]) as path, new_id() as id, t.is_directory
from template_files as t
where t.template_id = :template_id and t.path > :after_path
order by t.path
limit :limit;

-- name: make_slice(template_id, project_id, template_paths, paths, ids, parent_ids, names, given, user_id)
-- What a variable stands in is measured anew.
with filled as materialized (
  select s.id, s.path, s.parent_id, t.path as template_path,
    filled_in(t.content, :names::text[], :given::text[]) as content, t.content as old_content,
    filled_in(t.symlink_target, :names::text[], :given::text[]) as symlink_target, t.blob_id, t.language, t.mime_type,
    t.size, t.checksum, t.line_count, t.is_directory, t.permissions, t.is_executable, t.is_hidden, t.is_binary
  from unnest(:template_paths::text[], :paths::text[], :ids::uuid[], :parent_ids::uuid[])
    as s (template_path, path, id, parent_id)
  join template_files as t on t.template_id = :template_id and t.path = s.template_path
)
insert into project_files (
  id, project_id, path, content, blob_id, storage_key, storage_type, language, mime_type, size, checksum, line_count,
  is_directory, is_symlink, symlink_target, permissions, is_executable, is_hidden, is_binary, parent_id,
  last_modified_by
)
select
  f.id, :project_id, f.path, f.content, f.blob_id, f.blob_id::text, coalesce(b.storage_type, 'database'), f.language,
  f.mime_type,
  case
    when m.is_other then octet_length(f.content)
    when f.symlink_target is not null then octet_length(f.symlink_target)
    else f.size
  end,
  case when m.is_other then sha256(convert_to(f.content, 'UTF8')) else f.checksum end,
  case when m.is_other then 1 + char_length(m.unified) - char_length(replace(m.unified, E'\n', '')) else f.line_count end,
  f.is_directory, f.symlink_target is not null, f.symlink_target, f.permissions, f.is_executable,
  case when f.path = f.template_path then f.is_hidden else f.path ~ '(^|/)[.][^/]*$' end, f.is_binary, f.parent_id,
  :user_id
from filled as f
cross join lateral (
  select f.content <> f.old_content as is_other,
    replace(replace(f.content, E'\r\n', E'\n'), E'\r', E'\n') as unified
) as m
left join blobs as b on b.id = f.blob_id;

-- name: find_clash(project_id)
-- Two paths of a new project that are the same but for case.
select min(f.path) as path
from project_files as f
where f.project_id = :project_id and f.deleted_at is null
group by lower(f.path collate "default")
having count(*) > 1
limit 1;

-- name: find_too_large(project_id, max_bytes)
-- A text that is over the limit of documents with the values of its variables.
select f.path
from project_files as f
where f.project_id = :project_id and not f.is_binary and f.size > :max_bytes::bigint and f.deleted_at is null
order by f.path
limit 1;
