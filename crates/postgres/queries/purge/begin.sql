-- What is to be purged of a project: how often something was covered, and up to which of them the tables are free of it.
select covered, vacuumed from cairn.purges where customer_id = $1
