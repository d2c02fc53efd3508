-- A log holds nothing of it any more.
insert into cairn.purged_logs as l (partition, customer_id, covered) values ($1, $2, $3)
on conflict (partition, customer_id) do update set covered = greatest(l.covered, excluded.covered)
