-- Expiring tokens for stock providers are made by a sign-in and end with it.

alter table api_tokens
  add column session_id uuid references sessions (id) on delete cascade,
  add column parent_id uuid references api_tokens (id) on delete cascade,
  add column signed_at timestamptz,
  add constraint api_tokens_derived_expire
    check (expires_at is not null or (session_id is null and parent_id is null and signed_at is null));
comment on column api_tokens.session_id is 'the session that the token was made with and ends with';
comment on column api_tokens.parent_id is 'the token that the token was made with and ends with';
comment on column api_tokens.signed_at is 'when the signed cookie was issued that the token was made with and ends with';
create index api_tokens_session on api_tokens (session_id);
create index api_tokens_parent on api_tokens (parent_id);
create index api_tokens_expiry on api_tokens (expires_at);
create index api_tokens_revoked on api_tokens (revoked_at);
