-- The tables hold nothing of it any more; the logs of all servers are to drop it now.
update cairn.purges set vacuumed = greatest(vacuumed, $2), since = '-infinity' where customer_id = $1
