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

-- name: create_session(session_token, user_id, expires)
insert into sessions (session_token, user_id, expires)
values (:session_token, :user_id, :expires);

-- name: find_session(session_token, now)
select s.id, u.id as user_id, u.name, u.email, u.image, u.is_guest, u.color, s.created_at, s.expires
from sessions as s
join users as u on u.id = s.user_id
where s.session_token = :session_token and s.expires > :now and (u.expires_at is null or u.expires_at > :now);

-- name: extend_session(session_token, expires)
update sessions
set expires = :expires
where session_token = :session_token and expires < :expires;

-- name: delete_session(session_token)
delete from sessions
where session_token = :session_token;

-- name: delete_sessions_of_user(user_id)
delete from sessions
where user_id = :user_id;

-- name: expire_sessions(now, limit)
delete from sessions as s
using (
  select e.session_token from sessions as e where e.expires <= :now order by e.expires limit :limit for update skip locked
) as expired
where s.session_token = expired.session_token;
