-- name: create_user(email, name, image)
-- No row when someone has this address already, in whatever case.
insert into users (email, name, image)
values (:email, :name, :image)
on conflict do nothing
returning id;

-- name: create_guest(name, color, expires_at)
insert into users (is_guest, name, color, expires_at)
values (true, :name, :color, :expires_at)
returning id;

-- name: count_guests(now, limit)
-- No further than the limit: whether there are more makes no difference.
select count(*) as guests
from (select from users as u where u.is_guest and u.expires_at > :now limit :limit) as present;

-- name: expire_guests(now, limit)
delete from users as u
using (
  select o.id from users as o where o.is_guest and o.expires_at <= :now order by o.expires_at limit :limit
  for update skip locked
) as over
where u.id = over.id;

-- name: get_user(user_id)
select u.id, u.name, u.email, u.email_verified, u.image, u.is_guest, u.color, u.expires_at, u.created_at, u.updated_at
from users as u
where u.id = :user_id;

-- name: find_user_by_email(email)
select u.id, u.name, u.email, u.email_verified, u.image, u.is_guest, u.color, u.expires_at, u.created_at, u.updated_at
from users as u
where lower(u.email) = lower(:email);

-- name: delete_user(user_id)
-- Refused by the schema while the person still owns a project.
delete from users
where id = :user_id;

-- name: update_profile(user_id, name, color, now)
update users
set name = :name, color = :color, updated_at = :now
where id = :user_id;

-- name: list_owned(user_id, limit)
-- The projects of somebody and how many others collaborate on each; what is deleted already is nobody's but theirs.
select p.id, p.name,
  (
    select count(*)
    from project_collaborators as c
    where c.project_id = p.id and c.user_id <> p.user_id and p.deleted_at is null
  ) as people
from projects as p
where p.user_id = :user_id
order by p.updated_at desc, p.id desc
limit :limit;

-- name: lock_owned(user_id)
-- Nobody joins these projects until the end of the transaction. In one order, so that no two wait in a circle.
select p.id
from projects as p
where p.user_id = :user_id
order by p.id
limit all
for update;

-- name: list_joined(user_id)
-- Where somebody belongs without owning it; asked once, when they go.
select c.project_id
from project_collaborators as c
where c.user_id = :user_id and c.role <> 'owner' and c.accepted_at is not null
order by c.project_id
limit all;

-- name: verify_email(user_id, now)
update users
set email_verified = :now, updated_at = :now
where id = :user_id and email_verified is null;

-- name: create_session(session_token, user_id, expires, now, method, user_agent, address)
insert into sessions (session_token, user_id, expires, created_at, last_seen_at, method, user_agent, address)
values (:session_token, :user_id, :expires, :now, :now, :method, :user_agent, :address)
returning id;

-- name: find_session(session_token, now)
select s.id, u.id as user_id, u.name, u.email, u.image, u.is_guest, u.color, s.created_at, s.last_seen_at, s.expires
from sessions as s
join users as u on u.id = s.user_id
where s.session_token = :session_token and s.expires > :now and (u.expires_at is null or u.expires_at > :now);

-- name: touch_session(session_id, now, expires)
-- Written rarely, because every request would otherwise write.
update sessions
set last_seen_at = :now, expires = greatest(expires, :expires)
where id = :session_id;

-- name: list_sessions(user_id, after_id, now, limit)
select s.id, s.created_at, s.last_seen_at, s.expires, s.method, s.user_agent, s.address
from sessions as s
where s.user_id = :user_id and s.id > :after_id and s.expires > :now
order by s.id
limit :limit;

-- name: remove_session(session_id, user_id)
-- A session and the tokens that it made, which its deletion takes along.
with removed as (
  delete from sessions as s
  where s.id = :session_id and s.user_id = :user_id
  returning s.id
)
select r.id from removed as r
union all
select t.id from api_tokens as t join removed as r on t.session_id = r.id
order by id
limit all;

-- name: remove_sessions(user_id, kept_id)
-- All of a person's, or all but one, with the tokens that they made.
with removed as (
  delete from sessions as s
  where s.user_id = :user_id and s.id is distinct from :kept_id::uuid
  returning s.id
)
select r.id from removed as r
union all
select t.id from api_tokens as t join removed as r on t.session_id = r.id
order by id
limit all;

-- name: remove_oldest_sessions(user_id, keep)
with surplus as (
  select s.id from sessions as s where s.user_id = :user_id order by s.created_at desc, s.id offset :keep
), removed as (
  delete from sessions as s using surplus as o where s.id = o.id
  returning s.id
)
select r.id from removed as r
union all
select t.id from api_tokens as t join removed as r on t.session_id = r.id
order by id
limit all;

-- name: find_signed_user(user_id)
-- Somebody whom another program signs in. Guests are ours alone.
select u.id, u.name, u.email, u.valid_after, u.color
from users as u
where u.id = :user_id and not u.is_guest;

-- name: find_linked_user(provider, subject)
select u.id, u.name, u.email, u.valid_after, u.color
from accounts as a
join users as u on u.id = a.user_id
where a.provider = :provider and a.provider_account_id = :subject and not u.is_guest;

-- name: lock_account(provider, subject)
-- Until the end of the transaction nobody else links this account.
select pg_advisory_xact_lock(hashtextextended(:provider || ' ' || :subject, 0)) is not null as is_locked;

-- name: link_account(user_id, type, provider, provider_account_id)
insert into accounts (user_id, type, provider, provider_account_id)
values (:user_id, :type, :provider, :provider_account_id);

-- name: end_signed(user_id, now)
-- No cookie that was signed until now holds any longer.
update users
set valid_after = :now, updated_at = :now
where id = :user_id;

-- name: expire_sessions(now, limit)
delete from sessions as s
using (
  select e.session_token from sessions as e where e.expires <= :now order by e.expires limit :limit for update skip locked
) as expired
where s.session_token = expired.session_token;
