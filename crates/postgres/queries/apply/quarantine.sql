-- Puts a record aside, once.
insert into cairn.quarantine (partition, log_offset, customer_id, reason, payload)
values ($1, $2, $3, $4, $5)
on conflict do nothing
