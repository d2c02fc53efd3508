-- The events that a question is about, by person and in their order.
select {columns}
from cairn.events e {users}
where e.customer_id = $1 and e.time >= $2 and e.time < $3 and ({any}){only}{order}
