-- Passkeys have a name and a story that their owner may see; and the challenges that they answer.
-- Other writers of `authenticators` (Auth.js) name none of the new columns: each has a default or may be null.

alter table authenticators
  add column id uuid not null default new_id(),
  add column name text not null default 'Passkey' check (char_length(name) between 1 and 100),
  add column created_at timestamptz not null default now(),
  add column last_used_at timestamptz,
  add constraint authenticators_id unique (id);
comment on column authenticators.credential_id is 'base64, as Auth.js keeps it; so is credential_public_key';
comment on column authenticators.counter is 'as the authenticator counted last; 0 for ever: it does not count';
comment on column authenticators.transports is 'comma separated, as Auth.js keeps them';

-- Single use: taking a challenge deletes it.
create table passkey_challenges (
  challenge_hash bytea primary key check (octet_length(challenge_hash) = 32),
  user_id uuid references users (id) on delete cascade,
  expires_at timestamptz not null
);
comment on column passkey_challenges.user_id is 'who adds a passkey; null: somebody signs in';
create index passkey_challenges_user on passkey_challenges (user_id);
create index passkey_challenges_expiry on passkey_challenges (expires_at);
