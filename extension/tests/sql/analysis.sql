create extension cairn;
set search_path = public, cairn_ext;

-- 2,000 persons, each with some of the steps 1, 2 and 4, a second apart; every third event is not relevant, every seventh comes twice.
create table events (user_id bigint, event_id bigint, original_user_id bigint, time bigint, matches bigint, country text, price float8, session text);
insert into events
select i % 2000, i, i % 2000, 1700000000000 + (i / 2000) * 1000 + i % 1000 * 86400, (array[1, 0, 2, 4])[i * 7 % 4 + 1],
    (array['"DE"', '"FR"', null, '"US"'])[i % 4 + 1], i % 100, ((i / 4000)::int)::text
from generate_series(0, 39999) i;
insert into events select * from events where event_id % 7 = 0;
analyze events;

\set funnel '{"kernel": {"funnel": {"steps": 3, "exclude": 0, "order": "sequential", "per": "user", "holds": false, "window_ms": 3600000, "to": 1800000000000, "as_of": 1800000000000}}}'
\set graph '{"kernel": {"graph": {"count": "users", "buckets": {"starts": [0, 1700000020000], "end": 1800000000000}}}}'
\set by_country '{"keys": 1, "kernel": {"graph": {"count": "events", "buckets": {"starts": [0], "end": 1800000000000}}}}'
\set sums '{"kernel": {"numbers": {"buckets": {"starts": [0], "end": 1800000000000}}}}'
\set pairs '{"kernel": {"pairs": {"nodes": {"events": 3, "by_group": false}, "collapse": false}}}'

-- What one person did, of whom events come in any order and again: version, kernel, no keys; one group, which went three steps.
with steps(time, id, bits) as (values (3::bigint, 30::bigint, 4::bigint), (1, 10, 1), (2, 20, 2), (1, 10, 1), (9, 1, 8))
select encode(substr(a, octet_length(:'funnel') + 3), 'hex') as partial, convert_from(substr(a, 3, octet_length(:'funnel')), 'UTF8') = :'funnel' as question
from (select analyse_v1(:'funnel', e) as a from (select events_v1(time, id, 1, bits, null, null, null, null) as e from steps) p) a;

-- Persons' events, kept; half of the persons' are longer than a row may be, and compressed.
create table persons as
select user_id, user_id % 2 = 0 as even, events_v1(time, event_id, original_user_id, matches, array[country], price, session, array[country]) as events from events group by user_id;
analyze persons;
select count(*), sum(octet_length(events)) > 0 as there from persons;

-- Workers make states, which are flattened on the way, and combined.
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
explain (costs off, verbose) select analyse_v1(:'graph', events) from persons;
create table parallel as
select 'graph' as kind, analyse_v1(:'graph', events) as state from persons
union all select 'pairs', analyse_v1(:'pairs', events) from persons where user_id < 10
union all select 'funnel', analyse_v1(:'funnel', events) from persons;
-- By groups, whose states come in rows.
explain (costs off) select even, analyse_v1(:'graph', events) from persons group by 1;
create table parallel_groups as select even, analyse_v1(:'graph', events) as state from persons group by 1;
-- Where it does not matter whose events they are, no person is gathered.
explain (costs off) select analyse_v1(:'by_country', event_v1(time, event_id, original_user_id, matches, array[country], null, null, null)) from events;
-- Workers gather persons, too.
explain (costs off) select analyse_v1(:'graph', e) from (select events_v1(time, event_id, original_user_id, matches, null, null, null, null) as e from events group by user_id) p;
create table gathered_in_parallel as
select analyse_v1(:'graph', e) as state from (select events_v1(time, event_id, original_user_id, matches, null, null, null, null) as e from events group by user_id) p;

set max_parallel_workers_per_gather = 0;
explain (costs off) select analyse_v1(:'graph', events) from persons;
create table serial as
select 'graph' as kind, analyse_v1(:'graph', events) as state from persons
union all select 'pairs', analyse_v1(:'pairs', events) from persons where user_id < 10
union all select 'funnel', analyse_v1(:'funnel', events) from persons;
select s.kind, octet_length(s.state) = octet_length(p.state) as as_long, s.state = p.state as same from serial s join parallel p using (kind) where kind = 'graph';
select s.kind, octet_length(s.state) = octet_length(p.state) as as_long from serial s join parallel p using (kind) where kind <> 'graph' order by 1;
select g.even, state = (select analyse_v1(:'graph', events) from persons p where p.even = g.even) as same from parallel_groups g order by 1;
select g.state = s.state as same from gathered_in_parallel g, serial s where kind = 'graph';
-- Sorted by person and event, hashed, and in memory that is too small for that: the same.
set enable_hashagg = off;
explain (costs off) select analyse_v1(:'graph', e) from (select events_v1(time, event_id, original_user_id, matches, null, null, null, null) as e from events group by user_id) p;
select analyse_v1(:'graph', e) = (select state from serial where kind = 'graph') as sorted
from (select events_v1(time, event_id, original_user_id, matches, null, null, null, null) as e from events group by user_id) p;
set enable_hashagg = on;
set enable_sort = off;
set work_mem = '64kB';
select analyse_v1(:'graph', e) = (select state from serial where kind = 'graph') as spilled
from (select events_v1(time, event_id, original_user_id, matches, null, null, null, null) as e from events group by user_id) p;
reset enable_sort;
reset work_mem;

-- Of nothing: NULL. Persons without events, and rows without, count nothing.
select analyse_v1(:'graph', events) from persons where false;
select analyse_v1(:'graph', null);
select analyse_v1(:'graph', e) = (select analyse_v1(:'graph', events) from persons where user_id = 1) as same
from (select events from persons where user_id = 1 union all values (null::bytea), ('\x00000000'), (event_v1(null, 1, 1, 1, null, null, null, null))) t(e);
-- Filters, grouping sets and windows: each has a state of its own, and goes on after it was looked at.
select analyse_v1(:'graph', events) filter (where user_id < 7) = (select analyse_v1(:'graph', events) from persons where user_id < 7) as filtered from persons;
select k, state = case when k is null then (select analyse_v1(:'graph', events) from persons where user_id < 9) else (select analyse_v1(:'graph', events) from persons where user_id < 9 and user_id % 2 = k) end as same
from (select user_id % 2 as k, analyse_v1(:'graph', events) as state from persons where user_id < 9 group by grouping sets ((1), ())) t order by k;
select user_id, state = (select analyse_v1(:'graph', events) from persons i where i.user_id <= t.user_id) as same
from (select user_id, analyse_v1(:'graph', events) over (order by user_id) as state from persons where user_id < 5) t order by 1;

-- What Citus does, step by step: to text and back, then joined; called by hand, a step leaves its argument alone.
create table states as select user_id % 4 as k, analyse_v1(:'graph', events)::text::bytea as state from persons group by 1;
create aggregate join_states(bytea) (sfunc = analyse_v1_combine, stype = bytea);
create or replace function pg_temp.joined() returns bytea language sql as
$$ select cairn_ext.analyse_v1_combine(cairn_ext.analyse_v1_combine(a.state, b.state), cairn_ext.analyse_v1_combine(c.state, d.state)) from states a, states b, states c, states d where (a.k, b.k, c.k, d.k) = (0, 1, 2, 3) $$;
select pg_temp.joined() = state as same from serial where kind = 'graph';
select analyse_v1_add(a.state, :'graph', events) <> a.state as changed from states a, persons where k = 1 and user_id = 0;
select md5(string_agg(state::text, ',' order by k)) = (select md5(string_agg(found::text, ',' order by k)) from (select user_id % 4 as k, analyse_v1(:'graph', events) as found from persons group by 1) t) as untouched from states;
-- What Citus asks of an aggregate before it lets workers compute it.
select aggfnoid::regproc, aggtranstype::regtype, aggcombinefn, aggserialfn, aggfinalfn from pg_aggregate
where aggfnoid::regproc::text in ('analyse_v1', 'events_v1') order by 1;

-- What is refused.
select analyse_v1(null, events) from persons where user_id = 1;
select analyse_v1('{', events) from persons where user_id = 1;
select analyse_v1('{"kernel": {"graph": {"count": "events", "buckets": {"starts": [], "end": 1}}}}', events) from persons where user_id = 1;
select analyse_v1(case when user_id = 1 then :'graph' else :'funnel' end, events order by user_id) from persons where user_id < 3;
select analyse_v1(:'graph', '\x');
select analyse_v1(:'graph', '\xffffffff00');
select analyse_v1(:'graph', '\x0400000001020304');
select analyse_v1(:'by_country', event_v1(1, 1, 1, 1, array['"a"', '"b"'], null, null, null));
select analyse_v1(:'by_country', event_v1(1, 1, 1, 1, null, null, null, null));
select analyse_v1(:'graph', event_v1(9223372036854775807, 1, 1, 1, null, null, null, null));
select event_v1(1, 1, 1, -1, null, null, null, null);
select event_v1(1, 1, 1, 4294967296, null, null, null, null);
select events_v1_combine('\x01', '\x00000000');
select analyse_v1_combine('\x', '\x');
select analyse_v1_combine('\x0102', state) from states where k = 0;
select analyse_v1_combine(state, state || '\x00') from states where k = 0;
select analyse_v1_combine(a.state, b.state) from states a, serial b where k = 0 and kind = 'funnel';
-- Cut anywhere, or with a byte changed, a state is an error or other numbers, and the backend goes on.
select pg_backend_pid() as before \gset
create function cairn_states() returns table (state bytea) language sql as $$ select state from public.states where k = 0 union all select state from public.parallel where kind = 'pairs' $$;
do $$
declare s bytea; cut int := 0; changed int := 0;
begin
    for s in select state from cairn_states() loop
        for i in 0..octet_length(s) - 1 loop
            begin
                perform cairn_ext.analyse_v1_combine(substr(s, 1, i), s);
                cut := cut + 1;
            exception when invalid_parameter_value then null;
            end;
            begin
                perform cairn_ext.analyse_v1_combine(set_byte(s, i, (get_byte(s, i) + 1 + i * 37) % 256), s);
                changed := changed + 1;
            exception when invalid_parameter_value then null;
            end;
        end loop;
    end loop;
    raise notice 'cut and taken: %; changed and taken: %', cut, changed > 0;
end
$$;
select pg_backend_pid() = :before as same_backend;
