-- A snapshot that this software wrote and checked says so, so that a load need not walk it again.

alter table document_snapshots
  add column checked_by integer check (checked_by > 0),
  add column checksum bytea check (octet_length(checksum) = 32),
  add constraint document_snapshots_proof check ((checked_by is null) = (checksum is null));
comment on column document_snapshots.checked_by is 'version of the gate that accepted the state; null: it is walked at every load';
comment on column document_snapshots.checksum is 'SHA-256 of the state that was checked';
