-- Sessions have an id and a story that their owner may see, and end; a ticket ends with what it was made with.
-- Other writers of `sessions` (Auth.js) name none of the new columns: each has a default or may be null.

alter table users add column valid_after timestamptz;
comment on column users.valid_after is 'signed cookies issued before do not hold: the only way to end what has no row';

alter table sessions
  add column id uuid not null default gen_random_uuid(),
  add column created_at timestamptz not null default now(),
  add column last_seen_at timestamptz,
  add column method text check (char_length(method) <= 100),
  add column user_agent text check (char_length(user_agent) <= 500),
  add column address text check (char_length(address) <= 64),
  add constraint sessions_id unique (id);
comment on column sessions.id is 'what the session is called where its token must not be seen';
comment on column sessions.method is 'how the person signed in: email, link, passkey, or the name of a provider';
drop index sessions_user;
create index sessions_user on sessions (user_id, id);

alter table tickets
  add column session_id uuid references sessions (id) on delete cascade,
  add column token_id uuid references api_tokens (id) on delete cascade,
  add column signed_at timestamptz;
comment on column tickets.signed_at is 'when the sign-in was made that the ticket stands for; with neither id it is a signed cookie';
create index tickets_session on tickets (session_id);
create index tickets_token on tickets (token_id);
