-- Drops records that cannot be read and may be the project's.
delete from cairn.quarantine where customer_id = $1 or customer_id is null
