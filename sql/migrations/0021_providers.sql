-- Signing in with a provider: tries that are under way, and what a linked account is called.
-- Older code and other writers of `accounts` (Auth.js) name none of the new columns: each has a default or may be null.

create table sign_in_attempts (
  attempt_hash bytea primary key check (octet_length(attempt_hash) = 32),
  provider text not null,
  next_path text not null,
  user_id uuid references users (id) on delete cascade,
  expires_at timestamptz not null
);
comment on column sign_in_attempts.attempt_hash is 'SHA-256 of the state in the address and the secret of one browser: neither is kept';
comment on column sign_in_attempts.user_id is 'who adds the provider to their account; null: somebody signs in';
create index sign_in_attempts_user on sign_in_attempts (user_id);
create index sign_in_attempts_expiry on sign_in_attempts (expires_at);

alter table accounts
  add column label text check (char_length(label) <= 255),
  add column linked_at timestamptz not null default now();
comment on column accounts.label is 'what the person is called there, for their list of ways to sign in';
comment on column accounts.access_token is 'encrypted (server/access/vault), or as another program wrote it';
