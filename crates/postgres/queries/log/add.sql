-- Gives a log a partition of its own.
insert into cairn.logs (log_id) values ($1) returning partition
