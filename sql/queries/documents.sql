-- name: create(document_id, lineage, seed_client, seed_update, line_ending, has_bom)
-- The document of a live file with its seed as log row 1, by the server as author 0. No row when it exists already or
-- the file is gone: then another worker was first, and its document is the one.
with file as (
  select f.id, f.project_id
  from project_files as f
  where f.id = :document_id and f.deleted_at is null and not f.is_directory
), made as (
  insert into documents (id, project_id, lineage, seed_client, line_ending, has_bom, last_seq, log_rows, log_bytes)
  select f.id, f.project_id, :lineage, :seed_client, :line_ending, :has_bom, 1, 1, octet_length(:seed_update::bytea)
  from file as f
  on conflict (id) do nothing
  returning id
), author as (
  insert into document_authors (document_id, author_no, user_id)
  select m.id, 0, null from made as m
), client as (
  insert into document_clients (document_id, client_id, author_no)
  select m.id, :seed_client, 0 from made as m
), seed as (
  insert into document_updates (document_id, seq, author_no, update_v1)
  select m.id, 1, 0, :seed_update from made as m
)
select m.id from made as m;

-- name: get(document_id)
select
  d.id, d.project_id, f.path, f.deleted_at, d.lineage, d.seed_client, d.epoch, d.root_name, d.last_seq, d.snapshot_seq,
  d.line_ending, d.has_bom, d.state, d.log_rows, d.log_bytes, f.content_seq
from documents as d
join project_files as f on f.id = d.id
where d.id = :document_id;

-- name: read_whole(document_id, tail_rows, tail_bytes, clients, authors)
-- All that a replica is built from, as of one moment and in one round trip. Read where compaction left the log, not
-- below it: there the index leads to rows that are gone until a vacuum forgets them. The caller sees by `log_rows`
-- whether that was the whole log.
select
  d.id, d.project_id, f.path, f.deleted_at, d.lineage, d.seed_client, d.epoch, d.root_name, d.last_seq, d.snapshot_seq,
  d.line_ending, d.has_bom, d.state, d.log_rows, d.log_bytes, f.content_seq,
  s.seq as state_seq, s.state_v1, s.checked_by, s.checksum,
  t.seqs as tail_seqs, t.author_nos as tail_author_nos, t.updates as tail_updates, t.times as tail_times,
  (
    select count(q.seq) from document_quarantine as q where q.document_id = d.id and q.seq > d.snapshot_seq
  ) as quarantined,
  c.client_ids, c.author_nos as client_author_nos, p.user_ids, p.author_nos as user_author_nos
from documents as d
join project_files as f on f.id = d.id
left join lateral (
  select n.seq, n.state_v1, n.checked_by, n.checksum
  from document_snapshots as n
  where n.document_id = d.id and d.snapshot_seq > 0
  order by n.seq desc
  limit 1
) as s on true
cross join lateral (
  select
    coalesce(array_agg(u.seq order by u.seq), '{}') as seqs,
    coalesce(array_agg(u.author_no order by u.seq), '{}') as author_nos,
    coalesce(array_agg(u.update_v1 order by u.seq), '{}') as updates,
    coalesce(array_agg(u.created_at order by u.seq), '{}') as times
  from (
    select l.seq, l.author_no, l.update_v1, l.created_at
    from document_updates as l
    where l.document_id = d.id and l.seq > d.snapshot_seq and d.log_bytes <= :tail_bytes
    order by l.seq
    limit :tail_rows
  ) as u
) as t
cross join lateral (
  select
    coalesce(array_agg(o.client_id), '{}') as client_ids, coalesce(array_agg(o.author_no), '{}') as author_nos
  from (
    select k.client_id, k.author_no
    from document_clients as k
    where k.document_id = d.id
    order by k.client_id
    limit :clients
  ) as o
) as c
cross join lateral (
  select coalesce(array_agg(w.user_id), '{}') as user_ids, coalesce(array_agg(w.author_no), '{}') as author_nos
  from (
    select a.user_id, a.author_no
    from document_authors as a
    where a.document_id = d.id and a.user_id is not null
    order by a.author_no
    limit :authors
  ) as w
) as p
where d.id = :document_id;

-- name: newest_snapshot(document_id)
select s.seq, s.state_v1, s.checked_by, s.checksum
from document_snapshots as s
where s.document_id = :document_id
order by s.seq desc
limit 1;

-- name: find_snapshot_after(document_id, after_seq)
select s.seq, s.state_v1, s.checked_by, s.checksum
from document_snapshots as s
where s.document_id = :document_id and s.seq > :after_seq
order by s.seq desc
limit 1;

-- name: snapshots(document_id, limit)
select s.seq, s.state_v1, s.checked_by, s.checksum
from document_snapshots as s
where s.document_id = :document_id
order by s.seq desc
limit :limit;

-- name: tail_since(document_id, after_seq, limit)
select u.seq, u.author_no, u.update_v1, u.created_at
from document_updates as u
where u.document_id = :document_id and u.seq > :after_seq
order by u.seq
limit :limit;

-- name: count_quarantined(document_id, after_seq)
select count(q.seq) as rows
from document_quarantine as q
where q.document_id = :document_id and q.seq > :after_seq;

-- name: list_quarantined_updates(document_id, after_seq, limit)
select q.seq, q.author_no, q.reason, q.update_v1, q.created_at
from document_quarantine as q
where q.document_id = :document_id and q.seq > :after_seq
order by q.seq
limit :limit;

-- name: heads(document_ids)
-- What a worker compares its live rooms with (P3); ids without a row are gone.
select d.id, f.path, d.last_seq, d.state, f.deleted_at is not null as is_deleted
from documents as d
join project_files as f on f.id = d.id
where d.id = any(:document_ids::uuid[])
order by d.id;

-- name: behind(after_id, before, page, limit)
-- Looks at one page of all documents, and names those whose file row is behind and that have been quiet since `before`.
with page as (
  select d.id, d.last_seq, d.updated_at, d.state
  from documents as d
  where d.id > :after_id
  order by d.id
  limit :page
)
select p.id
from page as p
join project_files as f on f.id = p.id
where p.last_seq > greatest(f.content_seq, 1) and p.updated_at < :before and p.state = 'live' and f.deleted_at is null
order by p.id
limit :limit;

-- name: find_page_end(after_id, page)
-- The last document that `behind` looks at; no row past the end.
select p.id
from (select d.id from documents as d where d.id > :after_id order by d.id limit :page) as p
order by p.id desc
limit 1;

-- name: retired_lineages(document_id, limit)
select r.seed_client, r.lineage, r.retired_at
from retired_lineages as r
where r.document_id = :document_id
order by r.retired_at desc, r.seed_client
limit :limit;

-- name: clients(document_id, after_client_id, limit)
select c.client_id, c.author_no
from document_clients as c
where c.document_id = :document_id and c.client_id > :after_client_id
order by c.client_id
limit :limit;

-- name: authors(document_id, after_author_no, limit)
select a.author_no, a.user_id
from document_authors as a
where a.document_id = :document_id and a.author_no > :after_author_no
order by a.author_no
limit :limit;

-- name: ensure_author(document_id, user_id)
-- No row when another worker numbers the same person at this moment (ask again), or the document is gone.
with known as (
  select a.author_no
  from document_authors as a
  where a.document_id = :document_id and a.user_id = :user_id
), numbered as (
  update documents as d
  set next_author_no = d.next_author_no + 1
  where d.id = :document_id and not exists (select from known)
  returning d.next_author_no - 1 as author_no
), added as (
  insert into document_authors (document_id, author_no, user_id)
  select :document_id, n.author_no, :user_id from numbered as n
  on conflict (document_id, user_id) do nothing
  returning author_no
)
select k.author_no from known as k
union all
select a.author_no from added as a
limit 1;

-- name: commit_updates(document_ids, author_nos, updates, client_document_ids, client_ids, client_author_nos, lock_timeout)
-- The group commit: updates of many documents in one statement. Documents are locked in the order of their ids, so two
-- committers never wait for each other in a circle. Updates of documents that are deleted or quarantined are left out:
-- their numbers are null. Numbers are contiguous per document, in the order given, and come back as one array.
with patience as materialized (
  select set_config('lock_timeout', :lock_timeout, true) as value
), locked as materialized (
  select d.id, d.last_seq
  from documents as d
  join project_files as f on f.id = d.id
  where d.id = any(:document_ids::uuid[])
    and d.state = 'live'
    and f.deleted_at is null
    and (select p.value from patience as p) is not null
  order by d.id
  for no key update of d
), numbered as materialized (
  select
    e.document_id, e.ordinal, e.author_no, e.update_v1,
    l.last_seq + row_number() over (partition by e.document_id order by e.ordinal) as seq
  from unnest(:document_ids::uuid[], :author_nos::integer[], :updates::bytea[])
    with ordinality as e (document_id, author_no, update_v1, ordinal)
  join locked as l on l.id = e.document_id
), logged as (
  insert into document_updates (document_id, seq, author_no, update_v1)
  select n.document_id, n.seq, n.author_no, n.update_v1
  from numbered as n
  order by n.document_id, n.seq
), claimed as (
  insert into document_clients (document_id, client_id, author_no)
  select c.document_id, c.client_id, c.author_no
  from unnest(:client_document_ids::uuid[], :client_ids::bigint[], :client_author_nos::integer[])
    as c (document_id, client_id, author_no)
  join locked as l on l.id = c.document_id
  order by c.document_id, c.client_id
  on conflict (document_id, client_id) do nothing
), counted as (
  update documents as d
  set last_seq = g.last_seq, log_rows = d.log_rows + g.rows, log_bytes = d.log_bytes + g.bytes, updated_at = now()
  from (
    select n.document_id, max(n.seq) as last_seq, count(*)::integer as rows, sum(octet_length(n.update_v1)) as bytes
    from numbered as n
    group by n.document_id
  ) as g
  where d.id = g.document_id
)
select array(
  select n.seq
  from generate_series(1::bigint, cardinality(:document_ids::uuid[])) as g (ordinal)
  left join numbered as n on n.ordinal = g.ordinal
  order by g.ordinal
) as seqs;

-- name: quarantine_update(document_id, seq, reason)
-- Moves one log row aside; its number stays used. The counters are only estimates of work, so bytes that changed on
-- disk must not keep a row from being set aside.
with removed as (
  delete from document_updates as u
  where u.document_id = :document_id and u.seq = :seq
  returning u.document_id, u.seq, u.author_no, u.update_v1, u.created_at
), counted as (
  update documents as d
  set log_rows = greatest(d.log_rows - 1, 0), log_bytes = greatest(d.log_bytes - octet_length(r.update_v1), 0),
    updated_at = now()
  from removed as r
  where d.id = r.document_id
)
insert into document_quarantine (document_id, seq, author_no, reason, update_v1, created_at)
select r.document_id, r.seq, r.author_no, :reason, r.update_v1, r.created_at
from removed as r;

-- name: release_update(document_id, seq)
-- Puts a quarantined row back where it was in the log; only while no snapshot has passed its number.
with removed as (
  delete from document_quarantine as q
  using documents as d
  where q.document_id = :document_id and q.seq = :seq and d.id = q.document_id and d.snapshot_seq < q.seq
  returning q.document_id, q.seq, q.author_no, q.update_v1, q.created_at
), counted as (
  update documents as d
  set log_rows = d.log_rows + 1, log_bytes = d.log_bytes + octet_length(r.update_v1), updated_at = now()
  from removed as r
  where d.id = r.document_id
)
insert into document_updates (document_id, seq, author_no, update_v1, created_at)
select r.document_id, r.seq, r.author_no, r.update_v1, r.created_at
from removed as r;

-- name: set_state(document_id, state)
update documents
set state = :state, updated_at = now()
where id = :document_id and state <> :state;

-- name: list_broken(after_document_id, limit)
-- Documents that are closed for repair, or that live on without a row that was set aside.
select d.id, d.project_id, f.path, d.state,
  (select count(q.seq) from document_quarantine as q where q.document_id = d.id) as quarantined_rows
from (
  select c.id from documents as c where c.state = 'quarantined'
  union
  select q.document_id from document_quarantine as q
) as broken
join documents as d on d.id = broken.id
join project_files as f on f.id = d.id
where d.id > :after_document_id
order by d.id
limit :limit;

-- name: lock(document_id)
select d.last_seq, d.snapshot_seq, d.epoch, d.lineage, d.seed_client
from documents as d
where d.id = :document_id
for no key update;

-- name: retire_lineage(document_id)
insert into retired_lineages (document_id, seed_client, lineage)
select d.id, d.seed_client, d.lineage
from documents as d
where d.id = :document_id
on conflict (document_id, seed_client) do nothing;

-- name: discard_log(document_id)
-- Snapshots stay, until later ones replace them.
delete from document_updates
where document_id = :document_id;

-- name: quarantine_snapshot(document_id, seq, reason)
-- Moves one snapshot aside, as a row of the server with the number it had.
with kept as (
  insert into document_quarantine (document_id, seq, author_no, reason, update_v1, created_at)
  select s.document_id, s.seq, 0, :reason, s.state_v1, s.created_at
  from document_snapshots as s
  where s.document_id = :document_id and s.seq = :seq
  on conflict (document_id, seq) do nothing
  returning seq
)
delete from document_snapshots as s
using kept as k
where s.document_id = :document_id and s.seq = k.seq;

-- name: begin_lineage(document_id, lineage, seed_client)
-- The new history starts from a snapshot with the next number; what was logged before it is no longer the document.
update documents
set lineage = :lineage, seed_client = :seed_client, epoch = epoch + 1, last_seq = last_seq + 1,
  snapshot_seq = last_seq + 1, log_rows = 0, log_bytes = 0, state = 'live', updated_at = now()
where id = :document_id
returning last_seq;

-- name: claim_client(document_id, client_id, author_no)
insert into document_clients (document_id, client_id, author_no)
values (:document_id, :client_id, :author_no)
on conflict (document_id, client_id) do nothing;
