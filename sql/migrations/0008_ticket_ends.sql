-- A socket that came by ticket ends when the credential does that the ticket was made with.

alter table tickets add column credential_ends_at timestamptz;
comment on column tickets.credential_ends_at is 'null: the credential does not expire';
