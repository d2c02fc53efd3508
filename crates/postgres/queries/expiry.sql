-- The first instant that is kept.
select before from cairn.expiries where customer_id = $1
