-- Text values of a property among some of the events, most frequent first.
select data ->> $2::text
from (select data from cairn.events where customer_id = $1 and data ? $2::text limit 100000) e
where jsonb_typeof(data -> $2::text) = 'string'
group by 1
order by count(*) desc, 1
limit $3
