-- Where every accepted event went.
select coalesce(sum(accepted), 0)::bigint, coalesce(sum(stored), 0)::bigint, coalesce(sum(duplicate), 0)::bigint,
    coalesce(sum(quarantined), 0)::bigint, coalesce(sum(erased), 0)::bigint, coalesce(sum(expired), 0)::bigint
from cairn.ledger
where customer_id = $1
