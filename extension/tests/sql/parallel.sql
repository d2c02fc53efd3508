create extension cairn;
set search_path = public, cairn_ext;
create table visits (user_id int, k int, events int[]);
insert into visits select i, i % 4, array[i % 3 + 1, (i * 7) % 3 + 1, 2, i % 5] from generate_series(1, 200000) i;
analyze visits;

-- States are made by workers, and combined.
explain (costs off) select sum(funnel_events(events, 3)) from visits;
select sum(funnel_events(events, 3)) from visits;
-- By groups, whose states come in rows, with short headers, and grow while they are combined.
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
explain (costs off) select k, sum(events[1:1 + user_id % 7]) from visits group by k;
create table parallel as select k, sum(events[1:1 + user_id % 7]) from visits group by k;

set max_parallel_workers_per_gather = 0;
explain (costs off) select sum(funnel_events(events, 3)) from visits;
select sum(funnel_events(events, 3)) from visits;
create table serial as select k, sum(events[1:1 + user_id % 7]) from visits group by k;
select * from serial order by k;
select count(*) from parallel natural join serial;
-- By hand, element by element.
select array_agg(s order by i) from (
    select i, sum(f) as s from visits, unnest(funnel_events(events, 3)) with ordinality u(f, i) group by i
) t;
select count(*) from serial join (
    select k, array_agg(s order by i) as sum from (
        select k, i, sum(e) as s from visits, unnest(events[1:1 + user_id % 7]) with ordinality u(e, i) group by 1, 2
    ) t group by k
) by_hand using (k, sum);

-- What Citus asks of an aggregate before it lets workers compute it.
select aggtranstype::regtype, aggcombinefn, aggserialfn, aggfinalfn
from pg_aggregate where aggfnoid = 'cairn_ext.sum(int[])'::regprocedure;
