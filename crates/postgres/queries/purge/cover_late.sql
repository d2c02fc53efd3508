-- Notes that what has just come was covered, if it was: facts and events of these users, received then, and events of these times.
select cairn.cover($1)
where exists (
        select from unnest($2::bigint[], $3::bigint[]) late (original_user_id, received_at)
        join cairn.erasures x on x.customer_id = $1 and x.original_user_id = late.original_user_id and late.received_at <= x.at)
    or exists (select from unnest($4::bigint[]) t where t < (select before from cairn.expiries where customer_id = $1))
