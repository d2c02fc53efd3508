-- The former keys of all projects, newest first.
select customer_id, key, replaced_at from cairn.former_keys order by replaced_at desc, key
