-- Run where Citus is there, on one node that has all shards.
create extension citus;
create extension cairn;
set search_path = public, cairn_ext;
select citus_set_coordinator_host('127.0.0.1', :PORT);
select citus_set_node_property('127.0.0.1', :PORT, 'shouldhaveshards', true);
create table events (user_id bigint, event_id bigint, time bigint, matches bigint, country text);
insert into events
select i % 500, i, 1700000000000 + i * 1000, (array[1, 0, 2, 4])[i * 7 % 4 + 1], (array['"DE"', '"FR"', null, '"US"'])[i % 4 + 1] from generate_series(0, 9999) i;
create table local as select * from events;
set client_min_messages = warning;
select create_distributed_table('events', 'user_id', shard_count => 4);

\set graph '{"kernel": {"graph": {"count": "users", "buckets": {"starts": [0, 1700000020000], "end": 1800000000000}}}}'
\set by_country '{"keys": 1, "kernel": {"graph": {"count": "events", "buckets": {"starts": [0], "end": 1800000000000}}}}'

-- No rows are gathered on the coordinator: workers give states, in text, which the coordinator joins.
set citus.coordinator_aggregation_strategy = 'disabled';
create function plan(query text) returns setof text language plpgsql as $$
declare line text;
begin
    for line in execute 'explain (verbose, costs off) ' || query loop
        return next substring(line from 'Task Count: \d+|worker_partial_agg\(''\S+?\(text,bytea\)''|Custom Scan \(Citus Adaptive\)|Distributed Subplan');
    end loop;
end
$$;
select plan from plan(format($$ select analyse_v1(%L, e) from (
    select events_v1(time, event_id, user_id, matches, null, null, null, null) as e from events group by user_id
) p $$, :'graph')) where plan is not null;
select analyse_v1(:'graph', e) as on_workers from (select events_v1(time, event_id, user_id, matches, null, null, null, null) as e from events group by user_id) p \gset
select analyse_v1(:'graph', e) = :'on_workers' as same from (select events_v1(time, event_id, user_id, matches, null, null, null, null) as e from local group by user_id) p;
select octet_length(analyse_v1(:'by_country', event_v1(time, event_id, user_id, matches, array[country], null, null, null))) as on_workers from events \gset
select octet_length(analyse_v1(:'by_country', event_v1(time, event_id, user_id, matches, array[country], null, null, null))) = :on_workers as same from local;
