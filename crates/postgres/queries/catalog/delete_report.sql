-- Removes a report.
delete from cairn.reports where customer_id = $1 and id = $2
