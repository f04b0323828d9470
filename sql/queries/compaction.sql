-- name: pick(min_rows, min_bytes, tried_ids, retry_seqs, limit)
-- Documents with the heaviest logs first. `log_weight` is coarse but indexed; the exact counters decide. Those that were
-- tried in vain wait until their log has grown to a number.
select d.id, d.snapshot_seq, d.last_seq, d.log_rows, d.log_bytes
from documents as d
where d.log_weight > 0 and d.state = 'live' and (d.log_rows >= :min_rows or d.log_bytes >= :min_bytes)
  and not exists (
    select from unnest(:tried_ids::uuid[], :retry_seqs::bigint[]) as t (id, retry_seq)
    where t.id = d.id and d.last_seq < t.retry_seq
  )
order by d.log_weight desc, d.id
limit :limit;

-- name: try_lock(document_id)
-- One worker compacts a document at a time; the lock ends with the transaction.
select pg_try_advisory_xact_lock(hashtextextended('compaction ' || :document_id::uuid, 0)) as is_locked;

-- name: truncate_log(document_id, through_seq, waiting_seqs)
-- Moves the boundary between snapshot and log. The caller holds the document's row and has written the snapshot. Rows
-- that wait for others are not in it, and stay.
with removed as (
  delete from document_updates as u
  where u.document_id = :document_id and u.seq <= :through_seq and u.seq <> all(:waiting_seqs::bigint[])
  returning octet_length(u.update_v1) as bytes
)
update documents as d
set snapshot_seq = :through_seq, log_rows = greatest(d.log_rows - freed.rows, 0),
  log_bytes = greatest(d.log_bytes - freed.bytes, 0),
  updated_at = now()
from (select count(r.bytes)::integer as rows, coalesce(sum(r.bytes), 0)::bigint as bytes from removed as r) as freed
where d.id = :document_id;

-- name: put_snapshot(document_id, seq, state, checked_by, checksum)
insert into document_snapshots (document_id, seq, state_v1, checked_by, checksum)
values (:document_id, :seq, :state, :checked_by, :checksum);

-- name: drop_old_snapshots(document_id, keep)
delete from document_snapshots as s
where s.document_id = :document_id
  and s.seq < (
    select min(newest.seq)
    from (
      select k.seq from document_snapshots as k where k.document_id = :document_id order by k.seq desc limit :keep
    ) as newest
  );

-- name: put_archive(document_id, first_seq, last_seq, rows, body, expires_at)
insert into document_archives (document_id, first_seq, last_seq, rows, body, expires_at)
values (:document_id, :first_seq, :last_seq, :rows, :body, :expires_at);

-- name: list_archives(document_id, after_first_seq, limit)
select a.first_seq, a.last_seq, a.rows, a.body, a.expires_at, a.created_at
from document_archives as a
where a.document_id = :document_id and a.first_seq > :after_first_seq
order by a.first_seq
limit :limit;

-- name: expire_archives(now, limit)
delete from document_archives as a
using (
  select e.document_id, e.first_seq
  from document_archives as e
  where e.expires_at <= :now
  order by e.expires_at
  limit :limit
  for update skip locked
) as expired
where a.document_id = expired.document_id and a.first_seq = expired.first_seq;
