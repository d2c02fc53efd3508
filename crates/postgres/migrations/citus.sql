-- What is different on Citus. Run whenever the store is opened there, so that a database can be distributed later, too.
--
-- Whatever belongs to a person lies together, by user_id: a question joins and groups by it on the workers, and one project is on all
-- shards. Whatever is told of a user id as its sender lies by that. Both in one group: who has not been identified has one id for both.
-- Names, counts, positions and what was put aside are small, and are read and written by the coordinator alone: they stay there as plain
-- tables, where they cost no round trip, and commit with the rest. Reference tables would be copied to each worker for nothing, and
-- let one transaction at a time write.
do $$
declare
    one record;
begin
    perform set_config('citus.multi_shard_modify_mode', 'sequential', true);
    for one in
        select * from (values
            (1, 'users', 'user_id'), (2, 'members', 'user_id'), (3, 'events', 'user_id'),
            (4, 'facts', 'original_user_id'), (5, 'identities', 'original_user_id'),
            (6, 'erasures', 'original_user_id'), (7, 'ghosts', 'original_user_id')) as t (place, name, by_column)
        where not exists (
            select from pg_dist_partition where logicalrelid = ('cairn.' || t.name)::regclass and partmethod = 'h')
        order by place
    loop
        perform create_distributed_table(
            ('cairn.' || one.name)::regclass, one.by_column,
            colocate_with => case when one.name = 'users' then 'none' else 'cairn.users' end);
    end loop;
end $$;

-- Citus locks rows of one shard only at a time. Those whose user ids stay are locked by an update that changes nothing.
create or replace function cairn.lock_persons(project bigint, persons bigint[], changing bigint[]) returns void
    language plpgsql as $$
declare
    person bigint;
    staying bigint[] := array(select p from unnest(persons) p where p <> all (changing));
begin
    foreach person in array changing loop
        perform from cairn.users where customer_id = project and user_id = person for update;
    end loop;
    if cardinality(staying) > 0 then
        update cairn.users set handle = handle where customer_id = project and user_id = any (staying);
    end if;
end $$;
