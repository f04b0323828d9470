-- name: list(project_id, path, after_id, max_bytes, limit)
-- Documents of a project, or of a path and all below it, whose file rows lack edits; so many that their logs and
-- snapshots come to about `max_bytes`, and one at least. One statement, so that log and snapshot are of one moment.
with lagging as (
  select d.id, d.root_name, d.line_ending, d.has_bom, d.state, d.last_seq, d.snapshot_seq, d.log_bytes
  from documents as d
  join project_files as f on f.id = d.id
  where d.project_id = :project_id
    and d.id > :after_id
    and d.last_seq > greatest(f.content_seq, 1)
    and f.deleted_at is null
    and (
      :path::text is null
      or f.path = :path::text or (f.path >= :path::text || '/' and f.path < :path::text || '0')
    )
  order by d.id
  limit :limit
), weighed as (
  select
    l.id, l.root_name, l.line_ending, l.has_bom, l.state, l.last_seq, l.snapshot_seq, s.state_v1, s.checked_by,
    s.checksum, sum(l.log_bytes + coalesce(octet_length(s.state_v1), 0)) over (order by l.id) as bytes,
    row_number() over (order by l.id) as place
  from lagging as l
  left join document_snapshots as s on s.document_id = l.id and s.seq = l.snapshot_seq
)
select
  w.id, w.root_name, w.line_ending, w.has_bom, w.state, w.last_seq,
  (select count(q.seq) from document_quarantine as q where q.document_id = w.id and q.seq > w.snapshot_seq)
    as quarantined,
  w.snapshot_seq, w.state_v1, w.checked_by, w.checksum,
  array(select u.seq from document_updates as u where u.document_id = w.id order by u.seq) as seqs,
  array(select u.update_v1 from document_updates as u where u.document_id = w.id order by u.seq) as updates
from weighed as w
where w.place = 1 or w.bytes <= :max_bytes::bigint
order by w.id;

-- name: show(file_ids, contents, seqs, sizes, checksums, line_counts)
-- As for a single one: what is shown only moves forward. In the order of ids, as every change of many files.
with newest as (
  select n.id, n.content, n.seq, n.size, n.checksum, n.line_count
  from unnest(
    :file_ids::uuid[], :contents::text[], :seqs::bigint[], :sizes::bigint[], :checksums::bytea[], :line_counts::integer[]
  ) as n (id, content, seq, size, checksum, line_count)
  join project_files as f on f.id = n.id
  order by f.id
  for no key update of f
)
update project_files as f
set content = n.content, content_seq = n.seq, size = n.size, checksum = n.checksum, line_count = n.line_count,
  updated_at = now()
from newest as n
where f.id = n.id and f.content_seq < n.seq;
