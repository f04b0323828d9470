-- name: begin_upload(project_id, user_id, blob_id, path, size, metadata, expires_at)
insert into uploads (project_id, user_id, blob_id, path, size, metadata, expires_at)
values (:project_id, :user_id, :blob_id, :path, :size, :metadata, :expires_at)
returning id;

-- name: count_of(user_id)
select count(u.id) as uploads
from uploads as u
where u.user_id = :user_id and u.finished_at is null;

-- name: get(upload_id, project_id, user_id)
select
  u.id, u.project_id, u.path, u.size, u.checksum, u.metadata, u.expires_at, u.finished_at, u.blob_id,
  b.size as received, b.storage_type
from uploads as u
left join blobs as b on b.id = u.blob_id
where u.id = :upload_id and u.project_id = :project_id and u.user_id = :user_id;

-- name: lock(upload_id, project_id, user_id)
select
  u.id, u.project_id, u.path, u.size, u.checksum, u.metadata, u.expires_at, u.finished_at, u.blob_id,
  b.size as received, b.storage_type
from uploads as u
left join blobs as b on b.id = u.blob_id
where u.id = :upload_id and u.project_id = :project_id and u.user_id = :user_id
for no key update of u;

-- name: complete(upload_id, size, checksum)
update uploads
set size = :size, checksum = :checksum
where id = :upload_id and finished_at is null;

-- name: finish(upload_id)
update uploads
set finished_at = now(), blob_id = null
where id = :upload_id;

-- name: delete(upload_id)
delete from uploads
where id = :upload_id;

-- name: expire(before, limit)
delete from uploads as u
using (
  select o.id from uploads as o where o.expires_at <= :before order by o.expires_at limit :limit
  for update skip locked
) as old
where u.id = old.id;
