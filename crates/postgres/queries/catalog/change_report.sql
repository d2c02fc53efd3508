-- Changes a report.
update cairn.reports set name = $3, state = $4, changed_at = $5 where customer_id = $1 and id = $2
