-- The latest rebalancing: its state, and how many of its moves are in which state.
select job_id, state::text,
    coalesce((details -> 'task_state_counts' ->> 'done')::bigint, 0),
    coalesce((select sum(value::bigint) from jsonb_each_text(details -> 'task_state_counts')), 0)::bigint,
    coalesce((select string_agg(t ->> 'message', '; ') from jsonb_array_elements(details -> 'tasks') t where t ->> 'message' <> ''), '')
from citus_rebalance_status()
