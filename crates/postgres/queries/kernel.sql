-- What the kernel of a question finds, person by person.
select cairn_ext.analyse_v1({spec}, p.events)
from (
    select cairn_ext.events_v1({event}) as events
    from ({events}) e ({columns})
    group by e.user_id
) p
