-- name: create(project_id, email, role, token_hash, invited_by, max_uses, expires_at)
insert into invitations (project_id, email, role, token_hash, invited_by, max_uses, expires_at)
values (:project_id, :email, :role, :token_hash, :invited_by, :max_uses, :expires_at)
returning id, project_id, email, role, invited_by, max_uses, use_count, expires_at, created_at;

-- name: list_open(project_id, before_created_at, before_id, now, limit)
select i.id, i.project_id, i.email, i.role, i.invited_by, i.max_uses, i.use_count, i.expires_at, i.created_at
from invitations as i
where i.project_id = :project_id and i.revoked_at is null and i.declined_at is null and i.use_count < i.max_uses
  and i.expires_at > :now
  and (:before_id::uuid is null or (i.created_at, i.id) < (:before_created_at::timestamptz, :before_id::uuid))
order by i.created_at desc, i.id desc
limit :limit;

-- name: count_open(project_id, now)
select count(*) as open
from invitations as i
where i.project_id = :project_id and i.revoked_at is null and i.declined_at is null and i.use_count < i.max_uses
  and i.expires_at > :now;

-- name: count_mailed(invited_by, since)
select count(*) as mailed
from invitations as i
where i.invited_by = :invited_by and i.email is not null and i.created_at > :since;

-- name: lock_by_token(token_hash, now)
-- Who accepts holds the row, so that no more come in than it is good for.
select i.id, i.project_id, i.email, i.role, i.invited_by, i.max_uses, i.use_count, i.expires_at, i.created_at
from invitations as i
where i.token_hash = :token_hash and i.revoked_at is null and i.declined_at is null and i.use_count < i.max_uses
  and i.expires_at > :now
  and exists (select from projects as p where p.id = i.project_id and p.deleted_at is null)
for update;

-- name: find_offer(token_hash, user_id, now)
-- What somebody who has the secret is told before they decide.
select i.project_id, p.name as project_name, i.email, i.role, own.role as own_role, i.invited_by,
  u.name as inviter_name, i.expires_at
from invitations as i
join projects as p on p.id = i.project_id and p.deleted_at is null
left join project_collaborators as own on own.project_id = i.project_id and own.user_id = :user_id
  and own.accepted_at is not null
left join users as u on u.id = i.invited_by
where i.token_hash = :token_hash and i.revoked_at is null and i.declined_at is null and i.use_count < i.max_uses
  and i.expires_at > :now;

-- name: use(invitation_id, user_id, now)
update invitations
set use_count = use_count + 1, accepted_by = :user_id, accepted_at = :now
where id = :invitation_id;

-- name: decline(invitation_id, now)
update invitations
set declined_at = :now
where id = :invitation_id;

-- name: revoke(project_id, invitation_id, now)
update invitations
set revoked_at = :now
where id = :invitation_id and project_id = :project_id and revoked_at is null;

-- name: revoke_open_for(project_id, email, now)
-- A new invitation of the same person replaces the one before.
update invitations
set revoked_at = :now
where project_id = :project_id and lower(email) = lower(:email) and accepted_at is null and revoked_at is null
  and declined_at is null;

-- name: expire(before, limit)
delete from invitations as i
using (
  select o.id from invitations as o where o.expires_at <= :before order by o.expires_at limit :limit
  for update skip locked
) as old
where i.id = old.id;
