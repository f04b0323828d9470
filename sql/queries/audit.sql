-- name: append(actor_id, person_id, project_id, action, subject, details, request_id, address)
-- By the clock, not the transaction's beginning: what one command changes has an order, too.
insert into audit_log (actor_id, person_id, project_id, action, subject, details, request_id, address, created_at)
values (:actor_id, :person_id, :project_id, :action, :subject, :details, :request_id, :address, clock_timestamp());

-- name: list_of_project(project_id, before_created_at, before_id, limit)
-- Newest first. The names are those of today.
select
  a.id, a.action, a.actor_id, actor.name as actor_name, a.person_id, person.name as person_name, a.project_id,
  a.subject, a.details, a.request_id, a.address, a.created_at
from audit_log as a
left join users as actor on actor.id = a.actor_id
left join users as person on person.id = a.person_id
where a.project_id = :project_id
  and (:before_id::uuid is null or (a.created_at, a.id) < (:before_created_at::timestamptz, :before_id::uuid))
order by a.created_at desc, a.id desc
limit :limit;

-- name: list_of_person(person_id, before_created_at, before_id, limit)
select
  a.id, a.action, a.actor_id, actor.name as actor_name, a.person_id, person.name as person_name, a.project_id,
  a.subject, a.details, a.request_id, a.address, a.created_at
from audit_log as a
left join users as actor on actor.id = a.actor_id
left join users as person on person.id = a.person_id
where a.person_id = :person_id
  and (:before_id::uuid is null or (a.created_at, a.id) < (:before_created_at::timestamptz, :before_id::uuid))
order by a.created_at desc, a.id desc
limit :limit;

-- name: forget_addresses(actor_id)
-- Of somebody who goes: what they did stays, where they were is nobody's business any more.
update audit_log
set address = null
where actor_id = :actor_id and address is not null;

-- name: expire(before, limit)
delete from audit_log as a
using (
  select o.id from audit_log as o where o.created_at <= :before order by o.created_at limit :limit
  for update skip locked
) as old
where a.id = old.id;
