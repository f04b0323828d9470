-- name: create(storage_type)
insert into blobs (storage_type)
values (:storage_type)
returning id;

-- name: get(blob_id)
select b.id, b.checksum, b.size, b.storage_type
from blobs as b
where b.id = :blob_id;

-- name: append(blob_id, at, size, key)
-- Invariant: the chunks of a blob follow one another without a gap. No row when the blob does not end at `at`: somebody
-- else added to it meanwhile, or it is whole.
with grown as (
  update blobs as b
  set size = b.size + :size::integer, used_at = now()
  where b.id = :blob_id and b.size = :at::bigint and b.checksum is null and b.doomed_at is null
  returning b.id
)
insert into blob_chunks (blob_id, at, size, key)
select g.id, :at::bigint, :size::integer, :key from grown as g
returning at;

-- name: cut_back(blob_id, size)
-- Only at the border of a chunk, and only while the blob still grows.
with cut as (
  update blobs as b
  set size = :size::bigint, used_at = now()
  where b.id = :blob_id and b.size >= :size::bigint and b.checksum is null and b.doomed_at is null
  returning b.id
)
delete from blob_chunks as c
using cut
where c.blob_id = cut.id and c.at >= :size::bigint;

-- name: list_chunks(blob_id, start, stop, limit)
select c.at, c.size, c.key
from blob_chunks as c
where c.blob_id = :blob_id
  and c.at >= coalesce((select max(b.at) from blob_chunks as b where b.blob_id = :blob_id and b.at <= :start::bigint), 0)
  and c.at < :stop::bigint
order by c.at
limit :limit;

-- name: lock_content(number)
-- Until the transaction ends nobody else makes a blob of the same content.
select true as is_locked
from pg_advisory_xact_lock(:number::bigint);

-- name: find_content(checksum)
-- Marks it as used now, so that it is not collected before the file that is to refer to it is committed.
update blobs as b
set used_at = now()
where b.checksum = :checksum and b.doomed_at is null
returning b.id, b.checksum, b.size, b.storage_type;

-- name: seal(blob_id, checksum)
update blobs as b
set checksum = :checksum, used_at = now()
where b.id = :blob_id and b.checksum is null and b.doomed_at is null;

-- name: doom_unused(before, limit)
-- What came into use meanwhile has a later `used_at`, which PostgreSQL looks at again when it takes the lock.
update blobs as b
set doomed_at = now()
from (
  select u.id
  from blobs as u
  where u.doomed_at is null
    and u.used_at <= :before
    and not exists (select from project_files as f where f.blob_id = u.id)
    and not exists (select from uploads as p where p.blob_id = u.id)
    and not exists (select from import_files as i where i.blob_id = u.id)
    and not exists (select from template_files as t where t.blob_id = u.id)
  order by u.id
  limit :limit
  for update skip locked
) as unused
where b.id = unused.id;

-- name: list_doomed(limit)
select b.id, b.checksum, b.size, b.storage_type
from blobs as b
where b.doomed_at is not null
order by b.doomed_at, b.id
limit :limit;

-- name: delete(blob_id)
delete from blobs as b
where b.id = :blob_id and b.doomed_at is not null;

-- name: write_bytes(key, bytes)
insert into blob_bytes (key, bytes)
values (:key, :bytes)
on conflict (key) do update set bytes = excluded.bytes;

-- name: read_bytes(key, start, size)
select substring(b.bytes from :start::integer + 1 for :size::integer) as bytes
from blob_bytes as b
where b.key = :key;

-- name: delete_bytes(prefix)
delete from blob_bytes as b
where b.key >= :prefix || '/' and b.key < :prefix || '0';

-- name: find_contents(checksums, limit)
-- `find_content` for many; rows are locked in one order, so that two never wait for each other in a circle.
with known as (
  select b.id
  from blobs as b
  where b.checksum = any(:checksums::bytea[]) and b.doomed_at is null
  order by b.id
  limit :limit
  for no key update
)
update blobs as b
set used_at = now()
from known as k
where b.id = k.id and b.doomed_at is null
returning b.id, b.checksum, b.used_at;

-- name: create_many(storage_type, count)
insert into blobs (storage_type)
select :storage_type from generate_series(1, :count::integer)
returning id;

-- name: append_many(blob_ids, sizes, keys)
-- The first and only chunk of each of them; an empty blob needs none.
with added as (
  select a.blob_id, a.size, a.key
  from unnest(:blob_ids::uuid[], :sizes::integer[], :keys::text[]) as a(blob_id, size, key)
), grown as (
  update blobs as b
  set size = a.size
  from added as a
  where b.id = a.blob_id and b.size = 0 and b.checksum is null and b.doomed_at is null
  returning b.id
)
insert into blob_chunks (blob_id, at, size, key)
select a.blob_id, 0, a.size, a.key
from added as a
join grown as g on g.id = a.blob_id
where a.size > 0;

-- name: lock_contents(numbers)
-- `lock_content` for many, in one order.
select true as is_locked
from (select n.number from unnest(:numbers::bigint[]) as n(number) order by n.number) as n
cross join lateral pg_advisory_xact_lock(n.number) as locked;

-- name: lock_and_seal(blob_ids, checksums)
update blobs as b
set checksum = s.checksum, used_at = now()
from unnest(:blob_ids::uuid[], :checksums::bytea[]) as s(blob_id, checksum)
where b.id = s.blob_id and b.checksum is null and b.doomed_at is null
returning b.id, b.checksum, b.used_at;

-- name: doom_these(blob_ids, used_ats)
-- Those among them that nothing refers to. One that somebody came upon since has another `used_at`, which PostgreSQL looks
-- at again when it takes the lock; nobody can come upon one that has no checksum yet.
update blobs as b
set doomed_at = now()
from unnest(:blob_ids::uuid[], :used_ats::timestamptz[]) as t(blob_id, used_at)
where b.id = t.blob_id
  and b.doomed_at is null
  and (b.checksum is null or b.used_at = t.used_at)
  and not exists (select from project_files as f where f.blob_id = b.id)
  and not exists (select from uploads as u where u.blob_id = b.id)
  and not exists (select from import_files as i where i.blob_id = b.id)
  and not exists (select from template_files as t where t.blob_id = b.id);

-- name: write_many_bytes(keys, contents)
insert into blob_bytes (key, bytes)
select w.key, w.content
from unnest(:keys::text[], :contents::bytea[]) as w(key, content)
on conflict (key) do update set bytes = excluded.bytes;
