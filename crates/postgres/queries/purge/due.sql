-- Projects of which tables, or a log if one is given, hold what was covered long enough ago.
select p.customer_id
from cairn.purges p
where p.since <= now() - make_interval(secs => $1)
    and (p.vacuumed < p.covered
        or $2::bigint is not null and not exists (
            select from cairn.purged_logs l
            where l.partition = $2 and l.customer_id = p.customer_id and l.covered >= p.covered))
order by p.customer_id
