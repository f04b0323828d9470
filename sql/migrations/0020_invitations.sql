-- Invitations by link: no address, good for several people; and those that were declined. Older code makes none.

alter table invitations
  alter column email drop not null,
  add column max_uses integer not null default 1 check (max_uses between 1 and 1000),
  add column use_count integer not null default 0,
  add column declined_at timestamptz,
  add constraint invitations_uses check (use_count between 0 and max_uses),
  add constraint invitations_one_person_has_one check (email is null or max_uses = 1);
comment on column invitations.email is 'null: a link, good for whoever has it';
comment on column invitations.accepted_at is 'when it was accepted last';

drop index invitations_open;
create unique index invitations_open on invitations (project_id, lower(email))
  where accepted_at is null and revoked_at is null and declined_at is null and email is not null;
create index invitations_expiry on invitations (expires_at);
