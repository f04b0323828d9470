-- The audit says whom a change concerns and where it came from; a repeated command must be the same as the first.
-- Older code runs on it: what it writes lacks these.

alter table audit_log
  add column person_id uuid references users (id) on delete set null,
  add column request_id text check (char_length(request_id) between 1 and 128),
  add column address text check (char_length(address) between 1 and 64);
comment on column audit_log.person_id is 'whose account or rights changed; null: nobody''s in particular, or deleted';
comment on column audit_log.request_id is 'X-Request-ID of the request, or of the handshake of the socket; null: no request';
comment on column audit_log.address is 'network address that the request came from';

update audit_log set person_id = actor_id where action like 'accounts/%';
update audit_log as a set person_id = u.id
from users as u
where a.subject = u.id::text and a.action like 'collaborators/%';

drop index audit_log_project;
create index audit_log_project on audit_log (project_id, created_at desc, id desc);
create index audit_log_person on audit_log (person_id, created_at desc, id desc);

alter table command_ids add column fingerprint bytea check (octet_length(fingerprint) = 32);
comment on column command_ids.fingerprint is 'SHA-256 of what was asked for; null: made by older code';
