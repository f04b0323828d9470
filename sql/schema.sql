-- What the migrations in sql/migrations make, by `python -m tools.schema`. Read it; change it only by a migration.

CREATE TYPE public.activity_type AS ENUM (
    'project_created',
    'file_created',
    'file_updated',
    'file_deleted',
    'comment_added',
    'build_started',
    'build_completed',
    'collaborator_added'
);

CREATE TYPE public.build_task_status AS ENUM (
    'pending',
    'in_progress',
    'completed',
    'failed',
    'cancelled'
);

CREATE TYPE public.build_task_type AS ENUM (
    'file_creation',
    'code_generation',
    'dependency_install',
    'build',
    'test',
    'deploy'
);

CREATE TYPE public.collaborator_role AS ENUM (
    'owner',
    'editor',
    'reviewer',
    'viewer'
);

CREATE TYPE public.file_watcher_event AS ENUM (
    'create',
    'change',
    'rename',
    'delete'
);

CREATE TYPE public.project_status AS ENUM (
    'draft',
    'building',
    'built',
    'error',
    'archived'
);

CREATE TYPE public.project_visibility AS ENUM (
    'private',
    'public',
    'team'
);

CREATE TYPE public.terminal_status AS ENUM (
    'running',
    'stopped',
    'error'
);

CREATE TYPE public.webcontainer_status AS ENUM (
    'booting',
    'ready',
    'error',
    'terminated'
);

CREATE FUNCTION public.filled_in(text text, names text[], given text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
begin
  if position('{{' in text) > 0 then
    for at in 1 .. cardinality(names) loop
      text := replace(text, '{{' || names[at] || '}}', given[at]);
    end loop;
  end if;
  return text;
end
$$;

CREATE FUNCTION public.is_color(color text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (color ~ '^#[0-9A-Fa-f]{6}$'::text);

CREATE FUNCTION public.is_project_path(path text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (((octet_length(path) >= 1) AND (octet_length(path) <= 1024)) AND (path IS NFC NORMALIZED) AND (path !~ '[\u0001-\u001f\u007f-\u009f\\]'::text) AND (path !~ '(^|/)(/|$)'::text) AND (path !~ '[. ](/|$)'::text) AND (NOT (EXISTS (SELECT FROM unnest(string_to_array(is_project_path.path, '/'::text)) part(part) WHERE (octet_length(part.part) > 255)))));

CREATE FUNCTION public.new_id() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    RETURN gen_random_uuid();

CREATE FUNCTION public.project_words(name text, description text, tags text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, ((((name || ' '::text) || COALESCE(description, ''::text)) || ' '::text) || array_to_string(tags, ' '::text)));

CREATE FUNCTION public.with_form(text text, line_ending text, has_bom boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (CASE WHEN has_bom THEN '﻿'::text ELSE ''::text END || CASE WHEN (line_ending = 'crlf'::text) THEN replace(text, '
'::text, '
'::text) ELSE text END);

CREATE TABLE public.accounts (
    user_id uuid NOT NULL,
    type text NOT NULL,
    provider text NOT NULL,
    provider_account_id text NOT NULL,
    refresh_token text,
    access_token text,
    expires_at bigint,
    token_type text,
    scope text,
    id_token text,
    session_state text,
    label text,
    linked_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_label_check CHECK ((char_length(label) <= 255)),
    CONSTRAINT accounts_type_check CHECK ((type = ANY (ARRAY['oauth'::text, 'oidc'::text, 'email'::text, 'webauthn'::text])))
);

COMMENT ON COLUMN public.accounts.access_token IS 'encrypted (server/access/vault), or as another program wrote it';

COMMENT ON COLUMN public.accounts.expires_at IS 'seconds since 1970, as OAuth gives them and Auth.js stores them';

COMMENT ON COLUMN public.accounts.label IS 'what the person is called there, for their list of ways to sign in';

CREATE TABLE public.activities (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid,
    type public.activity_type NOT NULL,
    title text NOT NULL,
    description text,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.ai_chat_messages (
    id uuid DEFAULT public.new_id() NOT NULL,
    session_id uuid NOT NULL,
    role text NOT NULL,
    content text NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ai_chat_messages_role_check CHECK ((role = ANY (ARRAY['user'::text, 'assistant'::text, 'system'::text, 'tool'::text])))
);

CREATE TABLE public.ai_chat_sessions (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid,
    title text,
    context jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.api_tokens (
    id uuid DEFAULT public.new_id() NOT NULL,
    user_id uuid NOT NULL,
    project_id uuid,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    session_id uuid,
    parent_id uuid,
    signed_at timestamp with time zone,
    CONSTRAINT api_tokens_derived_expire CHECK (((expires_at IS NOT NULL) OR ((session_id IS NULL) AND (parent_id IS NULL) AND (signed_at IS NULL)))),
    CONSTRAINT api_tokens_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
    CONSTRAINT api_tokens_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'write'::text]) AND (cardinality(scopes) > 0))),
    CONSTRAINT api_tokens_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON COLUMN public.api_tokens.token_hash IS 'SHA-256 of the token; the token itself is shown once and never stored';

COMMENT ON COLUMN public.api_tokens.session_id IS 'the session that the token was made with and ends with';

COMMENT ON COLUMN public.api_tokens.parent_id IS 'the token that the token was made with and ends with';

COMMENT ON COLUMN public.api_tokens.signed_at IS 'when the signed cookie was issued that the token was made with and ends with';

CREATE TABLE public.audit_log (
    id uuid DEFAULT public.new_id() NOT NULL,
    actor_id uuid,
    project_id uuid,
    action text NOT NULL,
    subject text NOT NULL,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    person_id uuid,
    request_id text,
    address text,
    CONSTRAINT audit_log_address_check CHECK (((char_length(address) >= 1) AND (char_length(address) <= 64))),
    CONSTRAINT audit_log_request_id_check CHECK (((char_length(request_id) >= 1) AND (char_length(request_id) <= 128)))
);

COMMENT ON COLUMN public.audit_log.person_id IS 'whose account or rights changed; null: nobody''s in particular, or deleted';

COMMENT ON COLUMN public.audit_log.request_id IS 'X-Request-ID of the request, or of the handshake of the socket; null: no request';

COMMENT ON COLUMN public.audit_log.address IS 'network address that the request came from';

CREATE TABLE public.authenticators (
    credential_id text NOT NULL,
    user_id uuid NOT NULL,
    provider_account_id text NOT NULL,
    credential_public_key text NOT NULL,
    counter bigint NOT NULL,
    credential_device_type text NOT NULL,
    credential_backed_up boolean NOT NULL,
    transports text,
    id uuid DEFAULT public.new_id() NOT NULL,
    name text DEFAULT 'Passkey'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT authenticators_counter_check CHECK ((counter >= 0)),
    CONSTRAINT authenticators_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)))
);

COMMENT ON COLUMN public.authenticators.credential_id IS 'base64, as Auth.js keeps it; so is credential_public_key';

COMMENT ON COLUMN public.authenticators.counter IS 'as the authenticator counted last; 0 for ever: it does not count';

COMMENT ON COLUMN public.authenticators.transports IS 'comma separated, as Auth.js keeps them';

CREATE TABLE public.blob_bytes (
    key text NOT NULL COLLATE pg_catalog."C",
    bytes bytea NOT NULL
);
ALTER TABLE ONLY public.blob_bytes ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE public.blob_chunks (
    blob_id uuid NOT NULL,
    at bigint NOT NULL,
    size integer NOT NULL,
    key text NOT NULL,
    CONSTRAINT blob_chunks_at_check CHECK ((at >= 0)),
    CONSTRAINT blob_chunks_size_check CHECK ((size > 0))
);

COMMENT ON COLUMN public.blob_chunks.at IS 'where the chunk begins in the blob, in bytes';

COMMENT ON COLUMN public.blob_chunks.key IS 'the name of its bytes in the storage';

CREATE TABLE public.blobs (
    id uuid DEFAULT public.new_id() NOT NULL,
    checksum bytea,
    size bigint DEFAULT 0 NOT NULL,
    storage_type text NOT NULL,
    used_at timestamp with time zone DEFAULT now() NOT NULL,
    doomed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT blobs_checksum_check CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT blobs_size_check CHECK ((size >= 0)),
    CONSTRAINT blobs_storage_type_check CHECK ((storage_type = ANY (ARRAY['database'::text, 'filesystem'::text, 's3'::text])))
);

COMMENT ON COLUMN public.blobs.checksum IS 'SHA-256; null while bytes may still be added';

COMMENT ON COLUMN public.blobs.size IS 'bytes that its chunks hold';

COMMENT ON COLUMN public.blobs.used_at IS 'when a file last came to refer to it; collection waits a while after that';

COMMENT ON COLUMN public.blobs.doomed_at IS 'set before its chunks are deleted: no file may refer to it any more';

CREATE TABLE public.build_tasks (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    type public.build_task_type NOT NULL,
    title text NOT NULL,
    description text,
    status public.build_task_status DEFAULT 'pending'::public.build_task_status NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    progress smallint DEFAULT 0 NOT NULL,
    estimated_duration integer,
    actual_duration integer,
    dependencies uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    result jsonb,
    logs text,
    error_message text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    CONSTRAINT build_tasks_actual_duration_check CHECK ((actual_duration >= 0)),
    CONSTRAINT build_tasks_estimated_duration_check CHECK ((estimated_duration >= 0)),
    CONSTRAINT build_tasks_progress_check CHECK (((progress >= 0) AND (progress <= 100)))
);

COMMENT ON COLUMN public.build_tasks.priority IS 'higher runs first';

COMMENT ON COLUMN public.build_tasks.estimated_duration IS 'seconds';

COMMENT ON COLUMN public.build_tasks.actual_duration IS 'seconds';

COMMENT ON COLUMN public.build_tasks.dependencies IS 'ids of tasks of the same project; a deleted one no longer holds anything up';

CREATE TABLE public.code_completions (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    file_id uuid NOT NULL,
    language text NOT NULL,
    context text NOT NULL,
    "position" jsonb NOT NULL,
    completions jsonb DEFAULT '[]'::jsonb NOT NULL,
    trigger_kind text NOT NULL,
    cache_expiry timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT code_completions_completions_check CHECK ((jsonb_typeof(completions) = 'array'::text)),
    CONSTRAINT code_completions_position_check CHECK ((jsonb_typeof("position") = 'object'::text)),
    CONSTRAINT code_completions_trigger_kind_check CHECK ((trigger_kind = ANY (ARRAY['invoke'::text, 'trigger'::text, 'content-change'::text])))
);

COMMENT ON COLUMN public.code_completions."position" IS '{line, col}';

COMMENT ON COLUMN public.code_completions.completions IS '[{label, kind, detail, documentation, insertText}]';

CREATE TABLE public.collaboration_sessions (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    socket_id text NOT NULL,
    cursor jsonb,
    selection jsonb,
    is_active boolean DEFAULT true NOT NULL,
    last_activity timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT collaboration_sessions_cursor_check CHECK ((jsonb_typeof(cursor) = 'object'::text)),
    CONSTRAINT collaboration_sessions_selection_check CHECK ((jsonb_typeof(selection) = 'object'::text))
);

COMMENT ON COLUMN public.collaboration_sessions.cursor IS '{fileId, line, column} of the file that has focus now';

CREATE TABLE public.collaborative_cursors (
    id uuid DEFAULT public.new_id() NOT NULL,
    session_id uuid NOT NULL,
    file_id uuid NOT NULL,
    user_id uuid NOT NULL,
    "position" jsonb NOT NULL,
    selection jsonb,
    color text NOT NULL,
    user_name text NOT NULL,
    is_visible boolean DEFAULT true NOT NULL,
    last_update timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT collaborative_cursors_color_check CHECK (public.is_color(color)),
    CONSTRAINT collaborative_cursors_position_check CHECK ((jsonb_typeof("position") = 'object'::text)),
    CONSTRAINT collaborative_cursors_selection_check CHECK ((jsonb_typeof(selection) = 'object'::text))
);

COMMENT ON COLUMN public.collaborative_cursors."position" IS '{line, col}, the live and last place in this file';

CREATE TABLE public.command_ids (
    user_id uuid NOT NULL,
    command_id uuid NOT NULL,
    reply bytea,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    fingerprint bytea,
    CONSTRAINT command_ids_fingerprint_check CHECK ((octet_length(fingerprint) = 32))
);

COMMENT ON COLUMN public.command_ids.reply IS 'the encoded reply; null only inside the transaction that is still making it';

COMMENT ON COLUMN public.command_ids.fingerprint IS 'SHA-256 of what was asked for; null: made by older code';

CREATE TABLE public.comments (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    file_id uuid,
    user_id uuid,
    content text NOT NULL,
    line_number integer,
    parent_id uuid,
    is_resolved boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT comments_content_check CHECK (((char_length(content) >= 1) AND (char_length(content) <= 65536))),
    CONSTRAINT comments_line_number_check CHECK ((line_number >= 1)),
    CONSTRAINT comments_not_own_parent CHECK ((parent_id <> id))
);

CREATE TABLE public.document_archives (
    document_id uuid NOT NULL,
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    rows integer NOT NULL,
    body bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_archives_check CHECK ((last_seq >= first_seq)),
    CONSTRAINT document_archives_first_seq_check CHECK ((first_seq > 0)),
    CONSTRAINT document_archives_rows_check CHECK ((rows > 0))
);

COMMENT ON COLUMN public.document_archives.body IS 'zlib of a msgpack list of [seq, author_no, microseconds since 1970, update]';

CREATE TABLE public.document_authors (
    document_id uuid NOT NULL,
    author_no integer NOT NULL,
    user_id uuid,
    CONSTRAINT document_authors_author_no_check CHECK ((author_no >= 0))
);

COMMENT ON COLUMN public.document_authors.author_no IS '0 = the server itself, which seeds; people count from 1';

CREATE TABLE public.document_clients (
    document_id uuid NOT NULL,
    client_id bigint NOT NULL,
    author_no integer NOT NULL,
    CONSTRAINT document_clients_client_id_check CHECK (((client_id >= 0) AND (client_id < '9007199254740992'::bigint)))
);

COMMENT ON TABLE public.document_clients IS 'owner of a Yjs client id: the first author who brought it';

CREATE TABLE public.document_quarantine (
    document_id uuid NOT NULL,
    seq bigint NOT NULL,
    author_no integer NOT NULL,
    reason text NOT NULL,
    update_v1 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_quarantine_seq_check CHECK ((seq > 0))
);

CREATE TABLE public.document_snapshots (
    document_id uuid NOT NULL,
    seq bigint NOT NULL,
    state_v1 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    checked_by integer,
    checksum bytea,
    CONSTRAINT document_snapshots_checked_by_check CHECK ((checked_by > 0)),
    CONSTRAINT document_snapshots_checksum_check CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT document_snapshots_proof CHECK (((checked_by IS NULL) = (checksum IS NULL))),
    CONSTRAINT document_snapshots_seq_check CHECK ((seq > 0))
);

COMMENT ON TABLE public.document_snapshots IS 'all log rows <= seq merged; the newest two are kept';

COMMENT ON COLUMN public.document_snapshots.checked_by IS 'version of the gate that accepted the state; null: it is walked at every load';

COMMENT ON COLUMN public.document_snapshots.checksum IS 'SHA-256 of the state that was checked';

CREATE TABLE public.document_updates (
    document_id uuid NOT NULL,
    seq bigint NOT NULL,
    author_no integer NOT NULL,
    update_v1 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_updates_seq_check CHECK ((seq > 0))
);

COMMENT ON COLUMN public.document_updates.author_no IS 'the sending author';

CREATE TABLE public.documents (
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    lineage uuid NOT NULL,
    seed_client bigint NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    root_name text DEFAULT 'codemirror'::text NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    snapshot_seq bigint DEFAULT 0 NOT NULL,
    next_author_no integer DEFAULT 1 NOT NULL,
    line_ending text DEFAULT 'lf'::text NOT NULL,
    has_bom boolean DEFAULT false NOT NULL,
    state text DEFAULT 'live'::text NOT NULL,
    log_rows integer DEFAULT 0 NOT NULL,
    log_bytes bigint DEFAULT 0 NOT NULL,
    log_weight smallint GENERATED ALWAYS AS (width_bucket(GREATEST(log_bytes, (log_rows * (256)::bigint)), '{16384,65536,262144,1048576,4194304,16777216}'::bigint[])) STORED NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT documents_epoch_check CHECK ((epoch >= 1)),
    CONSTRAINT documents_last_seq_check CHECK ((last_seq >= 0)),
    CONSTRAINT documents_line_ending_check CHECK ((line_ending = ANY (ARRAY['lf'::text, 'crlf'::text]))),
    CONSTRAINT documents_log_bytes_check CHECK ((log_bytes >= 0)),
    CONSTRAINT documents_log_rows_check CHECK ((log_rows >= 0)),
    CONSTRAINT documents_next_author_no_check CHECK ((next_author_no >= 1)),
    CONSTRAINT documents_seed_client_check CHECK (((seed_client >= '9007194959773696'::bigint) AND (seed_client < '9007199254740992'::bigint))),
    CONSTRAINT documents_snapshot_seq_check CHECK ((snapshot_seq >= 0)),
    CONSTRAINT documents_snapshot_within_log CHECK ((snapshot_seq <= last_seq)),
    CONSTRAINT documents_state_check CHECK ((state = ANY (ARRAY['live'::text, 'quarantined'::text])))
)
WITH (fillfactor='80');

COMMENT ON COLUMN public.documents.seed_client IS 'Yjs client id of the seed struct: 2^53 - 2^32 <= x < 2^53, one per lineage';

COMMENT ON COLUMN public.documents.last_seq IS 'number of the newest log row';

COMMENT ON COLUMN public.documents.snapshot_seq IS 'number up to which the newest snapshot holds everything; 0 = no snapshot';

COMMENT ON COLUMN public.documents.log_rows IS 'rows since the newest snapshot';

COMMENT ON COLUMN public.documents.log_bytes IS 'bytes since the newest snapshot';

CREATE TABLE public.editor_states (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    file_id uuid NOT NULL,
    user_id uuid NOT NULL,
    cursor_position jsonb DEFAULT '{"col": 0, "line": 1}'::jsonb NOT NULL,
    selection jsonb,
    viewport jsonb,
    folded_ranges jsonb DEFAULT '[]'::jsonb NOT NULL,
    scroll_position jsonb DEFAULT '{"top": 0, "left": 0}'::jsonb NOT NULL,
    editor_extensions text[] DEFAULT '{}'::text[] NOT NULL,
    theme text,
    font_size smallint,
    tab_size smallint,
    line_wrapping boolean DEFAULT false NOT NULL,
    line_numbers boolean DEFAULT true NOT NULL,
    is_active boolean DEFAULT false NOT NULL,
    last_activity timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT editor_states_cursor_position_check CHECK ((jsonb_typeof(cursor_position) = 'object'::text)),
    CONSTRAINT editor_states_folded_ranges_check CHECK ((jsonb_typeof(folded_ranges) = 'array'::text)),
    CONSTRAINT editor_states_font_size_check CHECK (((font_size >= 4) AND (font_size <= 128))),
    CONSTRAINT editor_states_scroll_position_check CHECK ((jsonb_typeof(scroll_position) = 'object'::text)),
    CONSTRAINT editor_states_selection_check CHECK ((jsonb_typeof(selection) = 'object'::text)),
    CONSTRAINT editor_states_tab_size_check CHECK (((tab_size >= 1) AND (tab_size <= 16))),
    CONSTRAINT editor_states_viewport_check CHECK ((jsonb_typeof(viewport) = 'object'::text))
);

COMMENT ON COLUMN public.editor_states.cursor_position IS '{line, col} where this person resumes';

COMMENT ON COLUMN public.editor_states.font_size IS 'CSS pixels';

CREATE TABLE public.file_watcher_events (
    id uuid DEFAULT public.new_id() NOT NULL,
    watcher_id uuid NOT NULL,
    project_id uuid NOT NULL,
    event public.file_watcher_event NOT NULL,
    filename text NOT NULL,
    full_path text NOT NULL,
    previous_path text,
    file_size bigint,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT file_watcher_events_file_size_check CHECK ((file_size >= 0)),
    CONSTRAINT file_watcher_events_full_path_check CHECK (public.is_project_path(full_path)),
    CONSTRAINT file_watcher_events_previous_path_check CHECK (public.is_project_path(previous_path)),
    CONSTRAINT file_watcher_events_rename_has_origin CHECK (((previous_path IS NULL) OR (event = 'rename'::public.file_watcher_event)))
);

COMMENT ON COLUMN public.file_watcher_events.file_size IS 'bytes';

CREATE TABLE public.file_watchers (
    id uuid DEFAULT public.new_id() NOT NULL,
    webcontainer_id uuid NOT NULL,
    project_id uuid NOT NULL,
    watch_path text NOT NULL,
    is_recursive boolean DEFAULT true NOT NULL,
    encoding text DEFAULT 'utf-8'::text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT file_watchers_path_inside CHECK (((watch_path = ANY (ARRAY[''::text, '.'::text])) OR public.is_project_path(watch_path)))
);

CREATE TABLE public.import_files (
    import_id uuid NOT NULL,
    batch integer NOT NULL,
    id uuid DEFAULT public.new_id() NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    parent_path text NOT NULL COLLATE pg_catalog."C",
    is_directory boolean NOT NULL,
    content text,
    blob_id uuid,
    size bigint NOT NULL,
    checksum bytea,
    line_count integer NOT NULL,
    language text,
    mime_type text,
    symlink_target text,
    permissions integer,
    is_executable boolean NOT NULL,
    is_hidden boolean NOT NULL,
    CONSTRAINT import_files_checksum_check CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT import_files_path_check CHECK (public.is_project_path(path)),
    CONSTRAINT import_files_size_check CHECK ((size >= 0))
);

COMMENT ON COLUMN public.import_files.batch IS 'what was unpacked together is placed together; a directory never after what lies in it';

COMMENT ON COLUMN public.import_files.id IS 'of the file that it becomes';

CREATE TABLE public.imports (
    id uuid DEFAULT public.new_id() NOT NULL,
    user_id uuid NOT NULL,
    request_key uuid NOT NULL,
    project_id uuid,
    state text DEFAULT 'unpacking'::text NOT NULL,
    reason text,
    files integer DEFAULT 0 NOT NULL,
    files_total integer DEFAULT 0 NOT NULL,
    bytes bigint DEFAULT 0 NOT NULL,
    bytes_total bigint DEFAULT 0 NOT NULL,
    skipped integer DEFAULT 0 NOT NULL,
    warnings text[] DEFAULT '{}'::text[] NOT NULL,
    told_at timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT imports_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT imports_bytes_total_check CHECK ((bytes_total >= 0)),
    CONSTRAINT imports_files_check CHECK ((files >= 0)),
    CONSTRAINT imports_files_total_check CHECK ((files_total >= 0)),
    CONSTRAINT imports_skipped_check CHECK ((skipped >= 0)),
    CONSTRAINT imports_state_check CHECK ((state = ANY (ARRAY['unpacking'::text, 'placing'::text, 'done'::text, 'refused'::text, 'failed'::text])))
);

COMMENT ON COLUMN public.imports.request_key IS 'the Idempotency-Key that it was asked for with';

COMMENT ON COLUMN public.imports.project_id IS 'null: a project that is made in the end';

COMMENT ON COLUMN public.imports.told_at IS 'when its worker wrote last; one that stays silent is over';

CREATE TABLE public.invitations (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    email text,
    role public.collaborator_role NOT NULL,
    token_hash bytea NOT NULL,
    invited_by uuid,
    accepted_by uuid,
    accepted_at timestamp with time zone,
    revoked_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    max_uses integer DEFAULT 1 NOT NULL,
    use_count integer DEFAULT 0 NOT NULL,
    declined_at timestamp with time zone,
    CONSTRAINT invitations_email_check CHECK (((char_length(email) >= 3) AND (char_length(email) <= 320))),
    CONSTRAINT invitations_max_uses_check CHECK (((max_uses >= 1) AND (max_uses <= 1000))),
    CONSTRAINT invitations_one_person_has_one CHECK (((email IS NULL) OR (max_uses = 1))),
    CONSTRAINT invitations_role_check CHECK ((role <> 'owner'::public.collaborator_role)),
    CONSTRAINT invitations_token_hash_check CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT invitations_uses CHECK (((use_count >= 0) AND (use_count <= max_uses)))
);

COMMENT ON COLUMN public.invitations.email IS 'null: a link, good for whoever has it';

COMMENT ON COLUMN public.invitations.accepted_at IS 'when it was accepted last';

CREATE TABLE public.passkey_challenges (
    challenge_hash bytea NOT NULL,
    user_id uuid,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT passkey_challenges_challenge_hash_check CHECK ((octet_length(challenge_hash) = 32))
);

COMMENT ON COLUMN public.passkey_challenges.user_id IS 'who adds a passkey; null: somebody signs in';

CREATE TABLE public.path_aliases (
    project_id uuid NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    file_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT path_aliases_path_check CHECK (public.is_project_path(path))
);

CREATE TABLE public.path_rights (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    "position" integer NOT NULL,
    glob text NOT NULL COLLATE pg_catalog."C",
    role public.collaborator_role NOT NULL,
    access text NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT path_rights_access_check CHECK ((access = ANY (ARRAY['hidden'::text, 'read_only'::text, 'open'::text]))),
    CONSTRAINT path_rights_glob_check CHECK (((char_length(glob) >= 1) AND (char_length(glob) <= 256))),
    CONSTRAINT path_rights_position_check CHECK (("position" >= 1)),
    CONSTRAINT path_rights_role_check CHECK ((role <> 'owner'::public.collaborator_role))
);

COMMENT ON COLUMN public.path_rights."position" IS 'of several rules that match, the one with the highest decides';

CREATE TABLE public.project_analytics (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    date date NOT NULL,
    views integer DEFAULT 0 NOT NULL,
    edits integer DEFAULT 0 NOT NULL,
    builds integer DEFAULT 0 NOT NULL,
    collaborators integer DEFAULT 0 NOT NULL,
    api_calls integer DEFAULT 0 NOT NULL,
    build_time integer DEFAULT 0 NOT NULL,
    CONSTRAINT project_analytics_api_calls_check CHECK ((api_calls >= 0)),
    CONSTRAINT project_analytics_build_time_check CHECK ((build_time >= 0)),
    CONSTRAINT project_analytics_builds_check CHECK ((builds >= 0)),
    CONSTRAINT project_analytics_collaborators_check CHECK ((collaborators >= 0)),
    CONSTRAINT project_analytics_edits_check CHECK ((edits >= 0)),
    CONSTRAINT project_analytics_views_check CHECK ((views >= 0))
);

COMMENT ON COLUMN public.project_analytics.date IS 'the day in UTC';

COMMENT ON COLUMN public.project_analytics.build_time IS 'seconds';

CREATE TABLE public.project_collaborators (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role public.collaborator_role NOT NULL,
    permissions jsonb DEFAULT '{}'::jsonb NOT NULL,
    invited_by uuid,
    invited_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    CONSTRAINT project_collaborators_owner_accepted CHECK (((role <> 'owner'::public.collaborator_role) OR (accepted_at IS NOT NULL))),
    CONSTRAINT project_collaborators_permissions_check CHECK ((jsonb_typeof(permissions) = 'object'::text))
);

CREATE TABLE public.project_events (
    project_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    audience text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT project_events_seq_check CHECK ((seq > 0))
);

COMMENT ON COLUMN public.project_events.audience IS 'the ability that a listener needs to see the body; the number advances for all';

CREATE TABLE public.project_files (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    content text,
    content_seq bigint DEFAULT 0 NOT NULL,
    binary_content bytea,
    storage_key text,
    storage_type text DEFAULT 'database'::text NOT NULL,
    storage_url text,
    language text,
    mime_type text,
    encoding text DEFAULT 'utf-8'::text NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    checksum bytea,
    is_directory boolean DEFAULT false NOT NULL,
    is_symlink boolean DEFAULT false NOT NULL,
    symlink_target text,
    permissions integer,
    is_executable boolean DEFAULT false NOT NULL,
    is_hidden boolean DEFAULT false NOT NULL,
    is_binary boolean DEFAULT false NOT NULL,
    line_count integer DEFAULT 0 NOT NULL,
    parent_id uuid,
    webcontainer_path text,
    last_modified_by uuid,
    is_watched boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_accessed_at timestamp with time zone,
    deleted_at timestamp with time zone,
    blob_id uuid,
    CONSTRAINT project_files_checksum_check CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT project_files_content_seq_check CHECK ((content_seq >= 0)),
    CONSTRAINT project_files_directory_is_empty CHECK (((NOT is_directory) OR ((content IS NULL) AND (binary_content IS NULL)))),
    CONSTRAINT project_files_line_count_check CHECK ((line_count >= 0)),
    CONSTRAINT project_files_not_own_parent CHECK ((parent_id <> id)),
    CONSTRAINT project_files_path_check CHECK (public.is_project_path(path)),
    CONSTRAINT project_files_permissions_check CHECK (((permissions >= 0) AND (permissions <= 4095))),
    CONSTRAINT project_files_size_check CHECK ((size >= 0)),
    CONSTRAINT project_files_storage_type_check CHECK ((storage_type = ANY (ARRAY['database'::text, 'filesystem'::text, 's3'::text, 'github'::text]))),
    CONSTRAINT project_files_symlink_has_target CHECK ((is_symlink = (symlink_target IS NOT NULL)))
);

COMMENT ON COLUMN public.project_files.content IS 'a small file, or a cache of the document (LF only) as of content_seq';

COMMENT ON COLUMN public.project_files.content_seq IS 'number of the document update that content shows; 0 = never a document';

COMMENT ON COLUMN public.project_files.size IS 'bytes';

COMMENT ON COLUMN public.project_files.checksum IS 'SHA-256';

COMMENT ON COLUMN public.project_files.permissions IS 'unix mode bits';

COMMENT ON COLUMN public.project_files.deleted_at IS 'tombstone: the path is known to be gone, so an old client is refused instead of reviving it';

CREATE TABLE public.project_templates (
    id uuid DEFAULT public.new_id() NOT NULL,
    name text NOT NULL,
    description text,
    category text,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    prompt text,
    tech_stack text[] DEFAULT '{}'::text[] NOT NULL,
    structure jsonb DEFAULT '{}'::jsonb NOT NULL,
    is_public boolean DEFAULT false NOT NULL,
    usage_count bigint DEFAULT 0 NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    slug text,
    version text,
    variables jsonb DEFAULT '{}'::jsonb NOT NULL,
    keeps_case_clashes boolean DEFAULT false NOT NULL,
    CONSTRAINT project_templates_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
    CONSTRAINT project_templates_slug_check CHECK (((char_length(slug) >= 1) AND (char_length(slug) <= 100))),
    CONSTRAINT project_templates_usage_count_check CHECK ((usage_count >= 0)),
    CONSTRAINT project_templates_variables_check CHECK ((jsonb_typeof(variables) = 'object'::text))
);

COMMENT ON COLUMN public.project_templates.slug IS 'of those that come with the server, which bring themselves up to date';

COMMENT ON COLUMN public.project_templates.version IS 'SHA-256 of what the server brought, to know whether it brings something newer';

COMMENT ON COLUMN public.project_templates.variables IS '{"declared": [{name, label, default, inPaths}]}, in the order to ask for them';

CREATE TABLE public.projects (
    id uuid DEFAULT public.new_id() NOT NULL,
    name text NOT NULL,
    description text,
    prompt text,
    status public.project_status DEFAULT 'draft'::public.project_status NOT NULL,
    visibility public.project_visibility DEFAULT 'private'::public.project_visibility NOT NULL,
    thumbnail text,
    tech_stack text[] DEFAULT '{}'::text[] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    template boolean DEFAULT false NOT NULL,
    source_project_id uuid,
    git_repo_url text,
    deployment_url text,
    build_health smallint,
    lines_of_code bigint DEFAULT 0 NOT NULL,
    complexity double precision,
    estimated_time integer,
    actual_time integer,
    user_id uuid NOT NULL,
    owner_role public.collaborator_role GENERATED ALWAYS AS ('owner'::public.collaborator_role) STORED NOT NULL,
    event_seq bigint DEFAULT 0 NOT NULL,
    event_epoch uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    last_accessed_at timestamp with time zone,
    archived_at timestamp with time zone,
    keeps_case_clashes boolean DEFAULT false NOT NULL,
    deleted_at timestamp with time zone,
    status_before_archive public.project_status,
    path_rights_version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT projects_actual_time_check CHECK ((actual_time >= 0)),
    CONSTRAINT projects_build_health_check CHECK (((build_health >= 0) AND (build_health <= 100))),
    CONSTRAINT projects_complexity_check CHECK (((complexity >= (0)::double precision) AND (complexity <= (10)::double precision))),
    CONSTRAINT projects_estimated_time_check CHECK ((estimated_time >= 0)),
    CONSTRAINT projects_event_seq_check CHECK ((event_seq >= 0)),
    CONSTRAINT projects_lines_of_code_check CHECK ((lines_of_code >= 0)),
    CONSTRAINT projects_name_check CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255)))
);

COMMENT ON COLUMN public.projects.estimated_time IS 'minutes';

COMMENT ON COLUMN public.projects.actual_time IS 'minutes';

COMMENT ON COLUMN public.projects.event_seq IS 'number of the newest row of project_events; bumped in the transaction that writes it';

COMMENT ON COLUMN public.projects.keeps_case_clashes IS 'false: README and readme are not both taken, as on the disks of many machines';

COMMENT ON COLUMN public.projects.deleted_at IS 'nobody can enter it from then on; its owner can have it back until it is purged';

COMMENT ON COLUMN public.projects.status_before_archive IS 'what it becomes again when it leaves the archive';

COMMENT ON COLUMN public.projects.path_rights_version IS 'grows with every change of path_rights; 0: the project never had any';

CREATE TABLE public.recoveries (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    document_id uuid,
    user_id uuid,
    path text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    text text NOT NULL,
    size_bytes integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT recoveries_size_bytes_check CHECK ((size_bytes >= 0))
);

COMMENT ON TABLE public.recoveries IS 'text of a replica that had to end, kept for its author';

CREATE TABLE public.retired_lineages (
    document_id uuid NOT NULL,
    seed_client bigint NOT NULL,
    lineage uuid NOT NULL,
    retired_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sessions (
    session_token text NOT NULL,
    user_id uuid NOT NULL,
    expires timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone,
    method text,
    user_agent text,
    address text,
    CONSTRAINT sessions_address_check CHECK ((char_length(address) <= 64)),
    CONSTRAINT sessions_method_check CHECK ((char_length(method) <= 100)),
    CONSTRAINT sessions_user_agent_check CHECK ((char_length(user_agent) <= 500))
);

COMMENT ON COLUMN public.sessions.id IS 'what the session is called where its token must not be seen';

COMMENT ON COLUMN public.sessions.method IS 'how the person signed in: email, link, passkey, or the name of a provider';

CREATE TABLE public.sign_in_attempts (
    attempt_hash bytea NOT NULL,
    provider text NOT NULL,
    next_path text NOT NULL,
    user_id uuid,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT sign_in_attempts_attempt_hash_check CHECK ((octet_length(attempt_hash) = 32))
);

COMMENT ON COLUMN public.sign_in_attempts.attempt_hash IS 'SHA-256 of the state in the address and the secret of one browser: neither is kept';

COMMENT ON COLUMN public.sign_in_attempts.user_id IS 'who adds the provider to their account; null: somebody signs in';

CREATE TABLE public.template_files (
    template_id uuid NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    content text,
    blob_id uuid,
    language text,
    mime_type text,
    size bigint DEFAULT 0 NOT NULL,
    checksum bytea,
    line_count integer DEFAULT 0 NOT NULL,
    is_directory boolean DEFAULT false NOT NULL,
    symlink_target text,
    permissions integer,
    is_executable boolean DEFAULT false NOT NULL,
    is_hidden boolean DEFAULT false NOT NULL,
    is_binary boolean DEFAULT false NOT NULL,
    CONSTRAINT template_files_checksum_check CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT template_files_line_count_check CHECK ((line_count >= 0)),
    CONSTRAINT template_files_path_check CHECK (public.is_project_path(path)),
    CONSTRAINT template_files_permissions_check CHECK (((permissions >= 0) AND (permissions <= 4095))),
    CONSTRAINT template_files_size_check CHECK ((size >= 0))
);

COMMENT ON COLUMN public.template_files.content IS 'text as a file has it, line ends and BOM included; variables as {{name}}';

CREATE TABLE public.terminal_sessions (
    id uuid DEFAULT public.new_id() NOT NULL,
    webcontainer_id uuid NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid,
    title text,
    command text,
    working_directory text,
    status public.terminal_status DEFAULT 'running'::public.terminal_status NOT NULL,
    process_id integer,
    terminal_size jsonb DEFAULT '{"cols": 80, "rows": 24}'::jsonb NOT NULL,
    output bytea,
    exit_code integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_activity timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT terminal_sessions_process_id_check CHECK ((process_id > 0)),
    CONSTRAINT terminal_sessions_terminal_size_check CHECK ((jsonb_typeof(terminal_size) = 'object'::text))
);

COMMENT ON COLUMN public.terminal_sessions.terminal_size IS '{cols, rows}, characters';

COMMENT ON COLUMN public.terminal_sessions.output IS 'the kept end of what was printed: bytes, because a cut may fall inside a character';

CREATE TABLE public.tickets (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    project_id uuid,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    credential_ends_at timestamp with time zone,
    session_id uuid,
    token_id uuid,
    signed_at timestamp with time zone,
    CONSTRAINT tickets_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'write'::text]) AND (cardinality(scopes) > 0))),
    CONSTRAINT tickets_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON COLUMN public.tickets.credential_ends_at IS 'null: the credential does not expire';

COMMENT ON COLUMN public.tickets.signed_at IS 'when the sign-in was made that the ticket stands for; with neither id it is a signed cookie';

CREATE TABLE public.uploads (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid NOT NULL,
    blob_id uuid,
    path text NOT NULL COLLATE pg_catalog."C",
    size bigint,
    checksum bytea,
    metadata text DEFAULT ''::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT uploads_checksum_check CHECK ((octet_length(checksum) = 32)),
    CONSTRAINT uploads_path_check CHECK (public.is_project_path(path)),
    CONSTRAINT uploads_size_check CHECK ((size >= 0))
);

COMMENT ON COLUMN public.uploads.size IS 'bytes in all, as announced; null when nobody said';

COMMENT ON COLUMN public.uploads.checksum IS 'SHA-256, once every byte is there';

COMMENT ON COLUMN public.uploads.metadata IS 'Upload-Metadata as the client sent it (tus)';

CREATE TABLE public.user_events (
    user_id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT user_events_seq_check CHECK ((seq > 0))
);

CREATE TABLE public.users (
    id uuid DEFAULT public.new_id() NOT NULL,
    name text,
    email text,
    email_verified timestamp with time zone,
    image text,
    is_guest boolean DEFAULT false NOT NULL,
    color text,
    expires_at timestamp with time zone,
    event_seq bigint DEFAULT 0 NOT NULL,
    event_epoch uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    valid_after timestamp with time zone,
    CONSTRAINT users_color_check CHECK (public.is_color(color)),
    CONSTRAINT users_email_check CHECK (((char_length(email) >= 3) AND (char_length(email) <= 320))),
    CONSTRAINT users_event_seq_check CHECK ((event_seq >= 0)),
    CONSTRAINT users_name_check CHECK ((char_length(name) <= 255)),
    CONSTRAINT users_only_guests_expire CHECK ((is_guest OR (expires_at IS NULL)))
);

COMMENT ON COLUMN public.users.event_seq IS 'number of the newest row of user_events; bumped in the transaction that writes it';

COMMENT ON COLUMN public.users.valid_after IS 'signed cookies issued before do not hold: the only way to end what has no row';

CREATE TABLE public.verification_tokens (
    identifier text NOT NULL,
    token text NOT NULL,
    expires timestamp with time zone NOT NULL
);

CREATE TABLE public.webcontainer_instances (
    id uuid DEFAULT public.new_id() NOT NULL,
    project_id uuid NOT NULL,
    user_id uuid,
    status public.webcontainer_status DEFAULT 'booting'::public.webcontainer_status NOT NULL,
    workdir_name text,
    container_url text,
    port integer,
    open_ports jsonb DEFAULT '[]'::jsonb NOT NULL,
    environment_vars jsonb DEFAULT '{}'::jsonb NOT NULL,
    boot_options jsonb DEFAULT '{}'::jsonb NOT NULL,
    last_activity timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    terminated_at timestamp with time zone,
    CONSTRAINT webcontainer_instances_boot_options_check CHECK ((jsonb_typeof(boot_options) = 'object'::text)),
    CONSTRAINT webcontainer_instances_environment_vars_check CHECK ((jsonb_typeof(environment_vars) = 'object'::text)),
    CONSTRAINT webcontainer_instances_open_ports_check CHECK ((jsonb_typeof(open_ports) = 'array'::text)),
    CONSTRAINT webcontainer_instances_port_check CHECK (((port >= 1) AND (port <= 65535)))
);

COMMENT ON COLUMN public.webcontainer_instances.port IS 'the main one of open_ports';

COMMENT ON COLUMN public.webcontainer_instances.open_ports IS '[{port, url, type: open or close}]';

COMMENT ON COLUMN public.webcontainer_instances.boot_options IS '{coep, workdirName, forwardPreviewErrors}';

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (provider, provider_account_id);

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ai_chat_messages
    ADD CONSTRAINT ai_chat_messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ai_chat_sessions
    ADD CONSTRAINT ai_chat_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT authenticators_credential_id_key UNIQUE (credential_id);

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT authenticators_id UNIQUE (id);

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT authenticators_pkey PRIMARY KEY (user_id, credential_id);

ALTER TABLE ONLY public.blob_bytes
    ADD CONSTRAINT blob_bytes_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.blob_chunks
    ADD CONSTRAINT blob_chunks_pkey PRIMARY KEY (blob_id, at);

ALTER TABLE ONLY public.blobs
    ADD CONSTRAINT blobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.build_tasks
    ADD CONSTRAINT build_tasks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.code_completions
    ADD CONSTRAINT code_completions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.collaboration_sessions
    ADD CONSTRAINT collaboration_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.collaboration_sessions
    ADD CONSTRAINT collaboration_sessions_socket UNIQUE (project_id, socket_id);

ALTER TABLE ONLY public.collaborative_cursors
    ADD CONSTRAINT collaborative_cursors_once UNIQUE (session_id, file_id);

ALTER TABLE ONLY public.collaborative_cursors
    ADD CONSTRAINT collaborative_cursors_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.command_ids
    ADD CONSTRAINT command_ids_pkey PRIMARY KEY (user_id, command_id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_in_project UNIQUE (project_id, id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document_archives
    ADD CONSTRAINT document_archives_pkey PRIMARY KEY (document_id, first_seq);

ALTER TABLE ONLY public.document_authors
    ADD CONSTRAINT document_authors_document_id_user_id_key UNIQUE (document_id, user_id);

ALTER TABLE ONLY public.document_authors
    ADD CONSTRAINT document_authors_pkey PRIMARY KEY (document_id, author_no);

ALTER TABLE ONLY public.document_clients
    ADD CONSTRAINT document_clients_pkey PRIMARY KEY (document_id, client_id);

ALTER TABLE ONLY public.document_quarantine
    ADD CONSTRAINT document_quarantine_pkey PRIMARY KEY (document_id, seq);

ALTER TABLE ONLY public.document_snapshots
    ADD CONSTRAINT document_snapshots_pkey PRIMARY KEY (document_id, seq);

ALTER TABLE ONLY public.document_updates
    ADD CONSTRAINT document_updates_pkey PRIMARY KEY (document_id, seq);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.editor_states
    ADD CONSTRAINT editor_states_once UNIQUE (user_id, file_id);

ALTER TABLE ONLY public.editor_states
    ADD CONSTRAINT editor_states_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.file_watcher_events
    ADD CONSTRAINT file_watcher_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.file_watchers
    ADD CONSTRAINT file_watchers_in_project UNIQUE (project_id, id);

ALTER TABLE ONLY public.file_watchers
    ADD CONSTRAINT file_watchers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.import_files
    ADD CONSTRAINT import_files_pkey PRIMARY KEY (import_id, path);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_user_id_request_key_key UNIQUE (user_id, request_key);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_pkey PRIMARY KEY (challenge_hash);

ALTER TABLE ONLY public.path_aliases
    ADD CONSTRAINT path_aliases_pkey PRIMARY KEY (project_id, path);

ALTER TABLE ONLY public.path_rights
    ADD CONSTRAINT path_rights_once UNIQUE (project_id, role, glob);

ALTER TABLE ONLY public.path_rights
    ADD CONSTRAINT path_rights_order UNIQUE (project_id, "position") DEFERRABLE;

ALTER TABLE ONLY public.path_rights
    ADD CONSTRAINT path_rights_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_analytics
    ADD CONSTRAINT project_analytics_once UNIQUE (project_id, date);

ALTER TABLE ONLY public.project_analytics
    ADD CONSTRAINT project_analytics_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_collaborators
    ADD CONSTRAINT project_collaborators_once UNIQUE (project_id, user_id);

ALTER TABLE ONLY public.project_collaborators
    ADD CONSTRAINT project_collaborators_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_collaborators
    ADD CONSTRAINT project_collaborators_project_id_user_id_role_key UNIQUE (project_id, user_id, role);

ALTER TABLE ONLY public.project_events
    ADD CONSTRAINT project_events_pkey PRIMARY KEY (project_id, seq);

ALTER TABLE ONLY public.project_files
    ADD CONSTRAINT project_files_in_project UNIQUE (project_id, id);

ALTER TABLE ONLY public.project_files
    ADD CONSTRAINT project_files_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_templates
    ADD CONSTRAINT project_templates_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.project_templates
    ADD CONSTRAINT project_templates_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.retired_lineages
    ADD CONSTRAINT retired_lineages_pkey PRIMARY KEY (document_id, seed_client);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_id UNIQUE (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (session_token);

ALTER TABLE ONLY public.sign_in_attempts
    ADD CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (attempt_hash);

ALTER TABLE ONLY public.template_files
    ADD CONSTRAINT template_files_pkey PRIMARY KEY (template_id, path);

ALTER TABLE ONLY public.terminal_sessions
    ADD CONSTRAINT terminal_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_events
    ADD CONSTRAINT user_events_pkey PRIMARY KEY (user_id, seq);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.verification_tokens
    ADD CONSTRAINT verification_tokens_pkey PRIMARY KEY (identifier, token);

ALTER TABLE ONLY public.webcontainer_instances
    ADD CONSTRAINT webcontainer_instances_in_project UNIQUE (project_id, id);

ALTER TABLE ONLY public.webcontainer_instances
    ADD CONSTRAINT webcontainer_instances_pkey PRIMARY KEY (id);

CREATE INDEX accounts_user ON public.accounts USING btree (user_id);

CREATE INDEX activities_project ON public.activities USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX activities_user ON public.activities USING btree (user_id);

CREATE INDEX ai_chat_messages_session ON public.ai_chat_messages USING btree (session_id, created_at, id);

CREATE INDEX ai_chat_sessions_project ON public.ai_chat_sessions USING btree (project_id, updated_at DESC, id DESC);

CREATE INDEX ai_chat_sessions_user ON public.ai_chat_sessions USING btree (user_id, updated_at DESC);

CREATE INDEX api_tokens_expiry ON public.api_tokens USING btree (expires_at);

CREATE INDEX api_tokens_parent ON public.api_tokens USING btree (parent_id);

CREATE INDEX api_tokens_project ON public.api_tokens USING btree (project_id);

CREATE INDEX api_tokens_revoked ON public.api_tokens USING btree (revoked_at);

CREATE INDEX api_tokens_session ON public.api_tokens USING btree (session_id);

CREATE INDEX api_tokens_user ON public.api_tokens USING btree (user_id, id);

CREATE INDEX audit_log_actor ON public.audit_log USING btree (actor_id, created_at DESC);

CREATE INDEX audit_log_age ON public.audit_log USING btree (created_at DESC, id DESC);

CREATE INDEX audit_log_person ON public.audit_log USING btree (person_id, created_at DESC, id DESC);

CREATE INDEX audit_log_project ON public.audit_log USING btree (project_id, created_at DESC, id DESC);

CREATE UNIQUE INDEX blobs_content ON public.blobs USING btree (checksum) WHERE (doomed_at IS NULL);

CREATE INDEX blobs_doomed ON public.blobs USING btree (doomed_at) WHERE (doomed_at IS NOT NULL);

CREATE INDEX build_tasks_project ON public.build_tasks USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX build_tasks_queue ON public.build_tasks USING btree (project_id, priority DESC, id) WHERE (status = 'pending'::public.build_task_status);

CREATE INDEX code_completions_expiry ON public.code_completions USING btree (cache_expiry);

CREATE INDEX code_completions_file ON public.code_completions USING btree (project_id, file_id, created_at DESC, id DESC);

CREATE INDEX collaboration_sessions_age ON public.collaboration_sessions USING btree (last_activity);

CREATE INDEX collaboration_sessions_present ON public.collaboration_sessions USING btree (project_id, last_activity DESC) WHERE is_active;

CREATE INDEX collaboration_sessions_user ON public.collaboration_sessions USING btree (user_id);

CREATE INDEX collaborative_cursors_file ON public.collaborative_cursors USING btree (file_id, last_update DESC);

CREATE INDEX collaborative_cursors_user ON public.collaborative_cursors USING btree (user_id);

CREATE INDEX command_ids_age ON public.command_ids USING btree (created_at);

CREATE INDEX comments_file ON public.comments USING btree (project_id, file_id, created_at, id);

CREATE INDEX comments_parent ON public.comments USING btree (project_id, parent_id, created_at, id);

CREATE INDEX comments_user ON public.comments USING btree (user_id);

CREATE INDEX document_archives_expiry ON public.document_archives USING btree (expires_at);

CREATE INDEX document_authors_user ON public.document_authors USING btree (user_id);

CREATE INDEX document_clients_author ON public.document_clients USING btree (document_id, author_no);

CREATE INDEX document_quarantine_author ON public.document_quarantine USING btree (document_id, author_no);

CREATE INDEX documents_compaction ON public.documents USING btree (log_weight DESC, id) WHERE ((log_weight > 0) AND (state = 'live'::text));

CREATE INDEX documents_file ON public.documents USING btree (project_id, id);

CREATE INDEX documents_quarantined ON public.documents USING btree (id) WHERE (state = 'quarantined'::text);

CREATE INDEX editor_states_file ON public.editor_states USING btree (project_id, file_id);

CREATE INDEX editor_states_resume ON public.editor_states USING btree (user_id, project_id, last_activity DESC);

CREATE INDEX file_watcher_events_age ON public.file_watcher_events USING btree (created_at);

CREATE INDEX file_watcher_events_watcher ON public.file_watcher_events USING btree (project_id, watcher_id, created_at DESC, id DESC);

CREATE INDEX file_watchers_webcontainer ON public.file_watchers USING btree (project_id, webcontainer_id);

CREATE INDEX import_files_batch ON public.import_files USING btree (import_id, batch);

CREATE INDEX import_files_blob ON public.import_files USING btree (blob_id);

CREATE INDEX imports_age ON public.imports USING btree (created_at);

CREATE INDEX imports_project ON public.imports USING btree (project_id);

CREATE INDEX invitations_accepter ON public.invitations USING btree (accepted_by);

CREATE INDEX invitations_expiry ON public.invitations USING btree (expires_at);

CREATE INDEX invitations_inviter ON public.invitations USING btree (invited_by);

CREATE UNIQUE INDEX invitations_open ON public.invitations USING btree (project_id, lower(email)) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL) AND (declined_at IS NULL) AND (email IS NOT NULL));

CREATE INDEX invitations_project ON public.invitations USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX passkey_challenges_expiry ON public.passkey_challenges USING btree (expires_at);

CREATE INDEX passkey_challenges_user ON public.passkey_challenges USING btree (user_id);

CREATE INDEX path_aliases_file ON public.path_aliases USING btree (project_id, file_id);

CREATE INDEX path_rights_creator ON public.path_rights USING btree (created_by);

CREATE INDEX project_collaborators_inviter ON public.project_collaborators USING btree (invited_by);

CREATE UNIQUE INDEX project_collaborators_one_owner ON public.project_collaborators USING btree (project_id) WHERE (role = 'owner'::public.collaborator_role);

CREATE INDEX project_collaborators_user ON public.project_collaborators USING btree (user_id, project_id);

CREATE INDEX project_events_age ON public.project_events USING btree (created_at);

CREATE INDEX project_files_blob ON public.project_files USING btree (blob_id);

CREATE INDEX project_files_deleted ON public.project_files USING btree (project_id, deleted_at DESC, id DESC) WHERE (deleted_at IS NOT NULL);

CREATE INDEX project_files_folded_path ON public.project_files USING btree (project_id, lower((path COLLATE "default"))) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX project_files_live_path ON public.project_files USING btree (project_id, path) WHERE (deleted_at IS NULL);

CREATE INDEX project_files_modifier ON public.project_files USING btree (last_modified_by);

CREATE INDEX project_files_parent ON public.project_files USING btree (project_id, parent_id);

CREATE INDEX project_files_tombstone_age ON public.project_files USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX project_files_tombstone_path ON public.project_files USING btree (project_id, path, deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE INDEX project_templates_author ON public.project_templates USING btree (created_by);

CREATE INDEX project_templates_catalogue ON public.project_templates USING btree (category, usage_count DESC, id) WHERE is_public;

CREATE INDEX project_templates_tags ON public.project_templates USING gin (tags) WHERE is_public;

CREATE INDEX project_templates_used ON public.project_templates USING btree (usage_count DESC, id DESC) WHERE is_public;

CREATE INDEX project_templates_words ON public.project_templates USING gin (public.project_words(name, description, tags)) WHERE is_public;

CREATE INDEX projects_deleted ON public.projects USING btree (deleted_at, id) WHERE (deleted_at IS NOT NULL);

CREATE INDEX projects_owner ON public.projects USING btree (user_id, updated_at DESC, id DESC);

CREATE INDEX projects_public ON public.projects USING btree (updated_at DESC, id DESC) WHERE ((visibility = 'public'::public.project_visibility) AND (deleted_at IS NULL));

CREATE INDEX projects_source ON public.projects USING btree (source_project_id);

CREATE INDEX projects_team ON public.projects USING btree (user_id) WHERE ((visibility = 'team'::public.project_visibility) AND (deleted_at IS NULL));

CREATE INDEX projects_words ON public.projects USING gin (public.project_words(name, description, tags)) WHERE ((visibility = 'public'::public.project_visibility) AND (deleted_at IS NULL));

CREATE INDEX recoveries_author ON public.recoveries USING btree (project_id, user_id, created_at DESC, id DESC);

CREATE INDEX recoveries_document ON public.recoveries USING btree (document_id);

CREATE INDEX recoveries_expiry ON public.recoveries USING btree (expires_at);

CREATE INDEX recoveries_user ON public.recoveries USING btree (user_id);

CREATE INDEX sessions_expiry ON public.sessions USING btree (expires);

CREATE INDEX sessions_user ON public.sessions USING btree (user_id, id);

CREATE INDEX sign_in_attempts_expiry ON public.sign_in_attempts USING btree (expires_at);

CREATE INDEX sign_in_attempts_user ON public.sign_in_attempts USING btree (user_id);

CREATE INDEX template_files_blob ON public.template_files USING btree (blob_id);

CREATE INDEX terminal_sessions_user ON public.terminal_sessions USING btree (user_id);

CREATE INDEX terminal_sessions_webcontainer ON public.terminal_sessions USING btree (project_id, webcontainer_id, created_at, id);

CREATE INDEX tickets_expiry ON public.tickets USING btree (expires_at);

CREATE INDEX tickets_project ON public.tickets USING btree (project_id);

CREATE INDEX tickets_session ON public.tickets USING btree (session_id);

CREATE INDEX tickets_token ON public.tickets USING btree (token_id);

CREATE INDEX tickets_user ON public.tickets USING btree (user_id);

CREATE INDEX uploads_blob ON public.uploads USING btree (blob_id);

CREATE INDEX uploads_expiry ON public.uploads USING btree (expires_at);

CREATE INDEX uploads_project ON public.uploads USING btree (project_id);

CREATE INDEX uploads_user ON public.uploads USING btree (user_id, expires_at);

CREATE INDEX user_events_age ON public.user_events USING btree (created_at);

CREATE UNIQUE INDEX users_email ON public.users USING btree (lower(email));

CREATE INDEX users_guest_expiry ON public.users USING btree (expires_at) WHERE is_guest;

CREATE INDEX verification_tokens_expiry ON public.verification_tokens USING btree (expires);

CREATE INDEX webcontainer_instances_project ON public.webcontainer_instances USING btree (project_id, created_at DESC, id DESC);

CREATE INDEX webcontainer_instances_running ON public.webcontainer_instances USING btree (last_activity) WHERE (status = ANY (ARRAY['booting'::public.webcontainer_status, 'ready'::public.webcontainer_status]));

CREATE INDEX webcontainer_instances_user ON public.webcontainer_instances USING btree (user_id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.activities
    ADD CONSTRAINT activities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.ai_chat_messages
    ADD CONSTRAINT ai_chat_messages_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.ai_chat_sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ai_chat_sessions
    ADD CONSTRAINT ai_chat_sessions_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ai_chat_sessions
    ADD CONSTRAINT ai_chat_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.api_tokens(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_person_id_fkey FOREIGN KEY (person_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT authenticators_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blob_chunks
    ADD CONSTRAINT blob_chunks_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES public.blobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.build_tasks
    ADD CONSTRAINT build_tasks_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.code_completions
    ADD CONSTRAINT code_completions_file FOREIGN KEY (project_id, file_id) REFERENCES public.project_files(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.code_completions
    ADD CONSTRAINT code_completions_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collaboration_sessions
    ADD CONSTRAINT collaboration_sessions_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collaboration_sessions
    ADD CONSTRAINT collaboration_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collaborative_cursors
    ADD CONSTRAINT collaborative_cursors_file_id_fkey FOREIGN KEY (file_id) REFERENCES public.project_files(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collaborative_cursors
    ADD CONSTRAINT collaborative_cursors_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.collaboration_sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collaborative_cursors
    ADD CONSTRAINT collaborative_cursors_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.command_ids
    ADD CONSTRAINT command_ids_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_file FOREIGN KEY (project_id, file_id) REFERENCES public.project_files(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_parent FOREIGN KEY (project_id, parent_id) REFERENCES public.comments(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.document_archives
    ADD CONSTRAINT document_archives_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_authors
    ADD CONSTRAINT document_authors_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_authors
    ADD CONSTRAINT document_authors_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.document_clients
    ADD CONSTRAINT document_clients_author FOREIGN KEY (document_id, author_no) REFERENCES public.document_authors(document_id, author_no) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_clients
    ADD CONSTRAINT document_clients_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_quarantine
    ADD CONSTRAINT document_quarantine_author FOREIGN KEY (document_id, author_no) REFERENCES public.document_authors(document_id, author_no) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_quarantine
    ADD CONSTRAINT document_quarantine_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_snapshots
    ADD CONSTRAINT document_snapshots_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_updates
    ADD CONSTRAINT document_updates_author FOREIGN KEY (document_id, author_no) REFERENCES public.document_authors(document_id, author_no) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_updates
    ADD CONSTRAINT document_updates_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_file FOREIGN KEY (project_id, id) REFERENCES public.project_files(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.editor_states
    ADD CONSTRAINT editor_states_file FOREIGN KEY (project_id, file_id) REFERENCES public.project_files(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.editor_states
    ADD CONSTRAINT editor_states_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.editor_states
    ADD CONSTRAINT editor_states_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_watcher_events
    ADD CONSTRAINT file_watcher_events_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_watcher_events
    ADD CONSTRAINT file_watcher_events_watcher FOREIGN KEY (project_id, watcher_id) REFERENCES public.file_watchers(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_watchers
    ADD CONSTRAINT file_watchers_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.file_watchers
    ADD CONSTRAINT file_watchers_webcontainer FOREIGN KEY (project_id, webcontainer_id) REFERENCES public.webcontainer_instances(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_files
    ADD CONSTRAINT import_files_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES public.blobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.import_files
    ADD CONSTRAINT import_files_import_id_fkey FOREIGN KEY (import_id) REFERENCES public.imports(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkey_challenges
    ADD CONSTRAINT passkey_challenges_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.path_aliases
    ADD CONSTRAINT path_aliases_file FOREIGN KEY (project_id, file_id) REFERENCES public.project_files(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.path_aliases
    ADD CONSTRAINT path_aliases_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.path_rights
    ADD CONSTRAINT path_rights_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.path_rights
    ADD CONSTRAINT path_rights_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_analytics
    ADD CONSTRAINT project_analytics_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_collaborators
    ADD CONSTRAINT project_collaborators_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.project_collaborators
    ADD CONSTRAINT project_collaborators_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_collaborators
    ADD CONSTRAINT project_collaborators_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_events
    ADD CONSTRAINT project_events_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_files
    ADD CONSTRAINT project_files_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES public.blobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.project_files
    ADD CONSTRAINT project_files_last_modified_by_fkey FOREIGN KEY (last_modified_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.project_files
    ADD CONSTRAINT project_files_parent FOREIGN KEY (project_id, parent_id) REFERENCES public.project_files(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_files
    ADD CONSTRAINT project_files_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.project_templates
    ADD CONSTRAINT project_templates_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_owner_collaborates FOREIGN KEY (id, user_id, owner_role) REFERENCES public.project_collaborators(project_id, user_id, role) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_source_project_id_fkey FOREIGN KEY (source_project_id) REFERENCES public.projects(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.recoveries
    ADD CONSTRAINT recoveries_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.retired_lineages
    ADD CONSTRAINT retired_lineages_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sign_in_attempts
    ADD CONSTRAINT sign_in_attempts_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.template_files
    ADD CONSTRAINT template_files_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES public.blobs(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.template_files
    ADD CONSTRAINT template_files_template_id_fkey FOREIGN KEY (template_id) REFERENCES public.project_templates(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.terminal_sessions
    ADD CONSTRAINT terminal_sessions_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.terminal_sessions
    ADD CONSTRAINT terminal_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.terminal_sessions
    ADD CONSTRAINT terminal_sessions_webcontainer FOREIGN KEY (project_id, webcontainer_id) REFERENCES public.webcontainer_instances(project_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_token_id_fkey FOREIGN KEY (token_id) REFERENCES public.api_tokens(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_blob_id_fkey FOREIGN KEY (blob_id) REFERENCES public.blobs(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_events
    ADD CONSTRAINT user_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webcontainer_instances
    ADD CONSTRAINT webcontainer_instances_project_id_fkey FOREIGN KEY (project_id) REFERENCES public.projects(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.webcontainer_instances
    ADD CONSTRAINT webcontainer_instances_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;
