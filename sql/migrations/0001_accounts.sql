-- People, how they sign in, and the machine credentials that act for them.
-- The five Auth.js tables keep that library's value types (token strings, epoch seconds in accounts.expires_at), so that
-- its adapters can share them through a column mapping alone.

-- Time-ordered keys keep index pages warm; PostgreSQL before 18 has no uuidv7() and falls back to random ones.
do $$
begin
  if to_regproc('pg_catalog.uuidv7') is not null then
    create function new_id() returns uuid language sql volatile parallel safe return uuidv7();
  else
    create function new_id() returns uuid language sql volatile parallel safe return gen_random_uuid();
  end if;
end
$$;

create function is_color(color text) returns boolean
  language sql immutable strict parallel safe
  return color ~ '^#[0-9A-Fa-f]{6}$';

create table users (
  id uuid primary key default new_id(),
  name text check (char_length(name) <= 255),
  email text check (char_length(email) between 3 and 320),
  email_verified timestamptz,
  image text,
  is_guest boolean not null default false,
  color text check (is_color(color)),
  expires_at timestamptz,
  event_seq bigint not null default 0 check (event_seq >= 0),
  event_epoch uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_only_guests_expire check (is_guest or expires_at is null)
);
comment on column users.event_seq is 'number of the newest row of user_events; bumped in the transaction that writes it';
create unique index users_email on users (lower(email));
create index users_guest_expiry on users (expires_at) where is_guest;

create table accounts (
  user_id uuid not null references users (id) on delete cascade,
  type text not null check (type in ('oauth', 'oidc', 'email', 'webauthn')),
  provider text not null,
  provider_account_id text not null,
  refresh_token text,
  access_token text,
  expires_at bigint,
  token_type text,
  scope text,
  id_token text,
  session_state text,
  primary key (provider, provider_account_id)
);
comment on column accounts.expires_at is 'seconds since 1970, as OAuth gives them and Auth.js stores them';
create index accounts_user on accounts (user_id);

create table sessions (
  session_token text primary key,
  user_id uuid not null references users (id) on delete cascade,
  expires timestamptz not null
);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires);

create table verification_tokens (
  identifier text not null,
  token text not null,
  expires timestamptz not null,
  primary key (identifier, token)
);
create index verification_tokens_expiry on verification_tokens (expires);

create table authenticators (
  credential_id text not null unique,
  user_id uuid not null references users (id) on delete cascade,
  provider_account_id text not null,
  credential_public_key text not null,
  counter bigint not null check (counter >= 0),
  credential_device_type text not null,
  credential_backed_up boolean not null,
  transports text,
  primary key (user_id, credential_id)
);

create table user_events (
  user_id uuid not null references users (id) on delete cascade,
  seq bigint not null check (seq > 0),
  kind text not null,
  body jsonb not null,
  created_at timestamptz not null default now(),
  primary key (user_id, seq)
);
create index user_events_age on user_events (created_at);

-- A retried command finds its first reply here and takes effect once (P12).
create table command_ids (
  user_id uuid not null references users (id) on delete cascade,
  command_id uuid not null,
  reply bytea,
  created_at timestamptz not null default now(),
  primary key (user_id, command_id)
);
comment on column command_ids.reply is 'the encoded reply; null only inside the transaction that is still making it';
create index command_ids_age on command_ids (created_at);
