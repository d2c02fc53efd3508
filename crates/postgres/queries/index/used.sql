-- Notes that definitions were used; an index that was given up for want of use is wanted again.
update cairn.definition_indexes d
set used_at = now(), state = case d.state when 'retired' then 'wanted' else d.state end
from unnest($1::bigint[], $2::text[]) as u (customer_id, name)
where d.customer_id = u.customer_id and d.name = u.name
