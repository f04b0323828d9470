-- What a person is given of themselves: one statement per table, in pages, each row as it is written into the archive.
-- Columns are listed, so that no secret and nothing that came later gets in by itself.

-- name: get_profile(user_id)
select jsonb_build_object(
  'id', u.id, 'name', u.name, 'email', u.email, 'emailVerified', u.email_verified, 'image', u.image, 'color', u.color,
  'isGuest', u.is_guest, 'made', u.created_at, 'changed', u.updated_at
) as body
from users as u
where u.id = :user_id;

-- name: find_file_text(id, user_id)
-- No row where there is none: a directory, a link, bytes.
select f.content as text
from project_files as f
join projects as p on p.id = f.project_id
where f.id = :id and p.user_id = :user_id and f.content is not null;

-- name: find_recovery_text(id, user_id)
select r.text
from recoveries as r
where r.id = :id and r.user_id = :user_id;

-- name: list_accounts(user_id, after_id, limit)
-- What providers know the person by; never a token of theirs.
select md5(a.provider || ' ' || a.provider_account_id)::uuid as mark, jsonb_build_object(
  'type', a.type, 'provider', a.provider, 'account', a.provider_account_id, 'name', a.label,
  'added', a.linked_at, 'scope', a.scope
) as body
from accounts as a
where a.user_id = :user_id and md5(a.provider || ' ' || a.provider_account_id)::uuid > :after_id
order by mark
limit :limit;

-- name: list_sessions(user_id, after_id, limit)
select s.id as mark, jsonb_build_object(
  'method', s.method, 'browser', s.user_agent, 'address', s.address, 'began', s.created_at,
  'lastSeen', s.last_seen_at, 'ends', s.expires
) as body
from sessions as s
where s.user_id = :user_id and s.id > :after_id
order by mark
limit :limit;

-- name: list_passkeys(user_id, after_id, limit)
select a.id as mark, jsonb_build_object(
  'name', a.name, 'isBackedUp', a.credential_backed_up, 'transports', a.transports, 'made', a.created_at,
  'lastUsed', a.last_used_at
) as body
from authenticators as a
where a.user_id = :user_id and a.id > :after_id
order by mark
limit :limit;

-- name: list_tokens(user_id, after_id, limit)
select t.id as mark, jsonb_build_object(
  'name', t.name, 'scopes', t.scopes, 'projectId', t.project_id, 'made', t.created_at,
  'lastUsed', t.last_used_at, 'ends', t.expires_at, 'revoked', t.revoked_at
) as body
from api_tokens as t
where t.user_id = :user_id and t.id > :after_id
order by mark
limit :limit;

-- name: list_memberships(user_id, after_id, limit)
select c.id as mark, jsonb_build_object(
  'projectId', p.id, 'project', p.name, 'role', c.role, 'permissions', c.permissions,
  'invitedBy', c.invited_by, 'invited', c.invited_at, 'accepted', c.accepted_at
) as body
from project_collaborators as c
join projects as p on p.id = c.project_id
where c.user_id = :user_id and c.id > :after_id
order by mark
limit :limit;

-- name: list_projects(user_id, after_id, limit)
select p.id as mark, jsonb_build_object(
  'id', p.id, 'name', p.name, 'description', p.description, 'prompt', p.prompt, 'status', p.status,
  'visibility', p.visibility, 'techStack', p.tech_stack, 'tags', p.tags, 'repository', p.git_repo_url,
  'deployment', p.deployment_url, 'made', p.created_at, 'changed', p.updated_at, 'archived', p.archived_at
) as body
from projects as p
where p.user_id = :user_id and p.id > :after_id
order by mark
limit :limit;

-- name: list_invitations(user_id, after_id, limit)
-- Those that the person made, and those that they accepted.
select i.id as mark, jsonb_build_object(
  'projectId', i.project_id, 'email', i.email, 'role', i.role,
  'isMine', i.invited_by is not distinct from :user_id, 'uses', i.use_count, 'made', i.created_at,
  'ends', i.expires_at, 'accepted', i.accepted_at, 'declined', i.declined_at, 'revoked', i.revoked_at
) as body
from invitations as i
where (i.invited_by = :user_id or i.accepted_by = :user_id) and i.id > :after_id
order by mark
limit :limit;

-- name: list_comments(user_id, after_id, limit)
select c.id as mark, jsonb_build_object(
  'projectId', c.project_id, 'fileId', c.file_id, 'line', c.line_number, 'content', c.content,
  'isResolved', c.is_resolved, 'made', c.created_at, 'changed', c.updated_at
) as body
from comments as c
where c.user_id = :user_id and c.id > :after_id
order by mark
limit :limit;

-- name: list_activities(user_id, after_id, limit)
select a.id as mark, jsonb_build_object(
  'projectId', a.project_id, 'type', a.type, 'title', a.title, 'description', a.description,
  'metadata', a.metadata, 'at', a.created_at
) as body
from activities as a
where a.user_id = :user_id and a.id > :after_id
order by mark
limit :limit;

-- name: list_chats(user_id, after_id, limit)
select m.id as mark, jsonb_build_object(
  'chatId', s.id, 'projectId', s.project_id, 'title', s.title, 'role', m.role, 'content', m.content,
  'at', m.created_at
) as body
from ai_chat_messages as m
join ai_chat_sessions as s on s.id = m.session_id
where s.user_id = :user_id and m.id > :after_id
order by mark
limit :limit;

-- name: list_terminals(user_id, after_id, limit)
select t.id as mark, jsonb_build_object(
  'projectId', t.project_id, 'title', t.title, 'command', t.command, 'folder', t.working_directory,
  'exitCode', t.exit_code, 'began', t.created_at, 'ended', t.ended_at
) as body
from terminal_sessions as t
where t.user_id = :user_id and t.id > :after_id
order by mark
limit :limit;

-- name: list_containers(user_id, after_id, limit)
select w.id as mark, jsonb_build_object(
  'projectId', w.project_id, 'status', w.status, 'address', w.container_url, 'began', w.created_at,
  'ended', w.terminated_at
) as body
from webcontainer_instances as w
where w.user_id = :user_id and w.id > :after_id
order by mark
limit :limit;

-- name: list_editor_states(user_id, after_id, limit)
select e.id as mark, jsonb_build_object(
  'projectId', e.project_id, 'fileId', e.file_id, 'cursor', e.cursor_position, 'theme', e.theme,
  'fontSize', e.font_size, 'tabSize', e.tab_size, 'lastActivity', e.last_activity
) as body
from editor_states as e
where e.user_id = :user_id and e.id > :after_id
order by mark
limit :limit;

-- name: list_templates(user_id, after_id, limit)
select t.id as mark, jsonb_build_object(
  'name', t.name, 'description', t.description, 'category', t.category, 'tags', t.tags,
  'structure', t.structure, 'isPublic', t.is_public, 'made', t.created_at
) as body
from project_templates as t
where t.created_by = :user_id and t.id > :after_id
order by mark
limit :limit;

-- name: list_audit(user_id, after_id, limit)
-- What the person did to rights, sign-ins and tokens.
select a.id as mark, jsonb_build_object(
  'projectId', a.project_id, 'action', a.action, 'subject', a.subject, 'details', a.details,
  'at', a.created_at
) as body
from audit_log as a
where a.actor_id = :user_id and a.id > :after_id
order by mark
limit :limit;

-- name: list_files(user_id, after_id, limit)
-- Of the person's own projects. The texts come one by one.
select f.id as mark, jsonb_build_object(
  'id', f.id, 'projectId', f.project_id, 'path', f.path, 'size', f.size, 'sha256', encode(f.checksum, 'hex'),
  'mimeType', f.mime_type, 'isDirectory', f.is_directory, 'symlinkTarget', f.symlink_target,
  'isText', f.content is not null, 'changed', f.updated_at
) as body
from project_files as f
join projects as p on p.id = f.project_id
where p.user_id = :user_id and f.deleted_at is null and f.id > :after_id
order by mark
limit :limit;

-- name: list_recoveries(user_id, after_id, limit)
-- Copies of text that could not be saved. The texts come one by one.
select r.id as mark, jsonb_build_object(
  'id', r.id, 'projectId', r.project_id, 'path', r.path, 'reason', r.reason, 'at', r.created_at,
  'ends', r.expires_at
) as body
from recoveries as r
where r.user_id = :user_id and r.id > :after_id
order by mark
limit :limit;
