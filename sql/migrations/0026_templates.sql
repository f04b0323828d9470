-- The files of templates, beside the tree that `structure` describes, and the variables in them. Older code has none.

alter table project_templates
  add column slug text unique check (char_length(slug) between 1 and 100),
  add column version text,
  add column variables jsonb not null default '{}' check (jsonb_typeof(variables) = 'object'),
  add column keeps_case_clashes boolean not null default false;
comment on column project_templates.slug is 'of those that come with the server, which bring themselves up to date';
comment on column project_templates.version is 'SHA-256 of what the server brought, to know whether it brings something newer';
comment on column project_templates.variables is '{"declared": [{name, label, default, inPaths}]}, in the order to ask for them';

create index project_templates_used on project_templates (usage_count desc, id desc) where is_public;
create index project_templates_words on project_templates using gin (project_words(name, description, tags))
  where is_public;
create index project_templates_tags on project_templates using gin (tags) where is_public;

create table template_files (
  template_id uuid not null references project_templates (id) on delete cascade,
  path text collate "C" not null check (is_project_path(path)),
  content text,
  blob_id uuid references blobs (id) on delete restrict,
  language text,
  mime_type text,
  size bigint not null default 0 check (size >= 0),
  checksum bytea check (octet_length(checksum) = 32),
  line_count integer not null default 0 check (line_count >= 0),
  is_directory boolean not null default false,
  symlink_target text,
  permissions integer check (permissions between 0 and 4095),
  is_executable boolean not null default false,
  is_hidden boolean not null default false,
  is_binary boolean not null default false,
  primary key (template_id, path)
);
comment on column template_files.content is 'text as a file has it, line ends and BOM included; variables as {{name}}';
create index template_files_blob on template_files (blob_id);

-- A text with each {{name}} replaced by its value. Values hold no braces, so the order of names means nothing.
create function filled_in(text text, names text[], given text[]) returns text
  language plpgsql immutable parallel safe
as $$
begin
  if position('{{' in text) > 0 then
    for at in 1 .. cardinality(names) loop
      text := replace(text, '{{' || names[at] || '}}', given[at]);
    end loop;
  end if;
  return text;
end
$$;
