-- Events that came while others of their project expired, in another partition, were held against what had expired before.

-- Applies events, given by column. Gives the places, counted from 1, of those that are not in the answers now.
create or replace function cairn.apply_events(
    project bigint, of_partition bigint,
    user_ids bigint[], event_ids bigint[], times bigint[], received bigint[], types text[], properties text[])
    returns bigint[]
    language plpgsql as $$
declare
    expires_before bigint;
    wanted bigint[] := array(select distinct u from unnest(user_ids) u order by u);
    known cairn.pairs; known_after cairn.pairs; erased cairn.pairs; kept cairn.pairs;
    ghosts cairn.pairs := (null, null);
    -- By place: whose event it is, and what becomes of it: d duplicate, e erased, x expired, k kept if it is not there.
    persons bigint[]; fates text[];
    n_erased bigint := 0; n_expired bigint := 0; n_kept bigint; n_all bigint := cardinality(user_ids);
begin
    perform cairn.share(project);
    -- Not before: while somebody lets events expire, this waits for it.
    expires_before := (select before from cairn.expiries where customer_id = project);
    known := cairn.identities_of(project, wanted);
    select array_agg(original_user_id), array_agg(at) into erased
    from cairn.erasures where customer_id = project and original_user_id = any (wanted);
    -- Only what expired or was erased has left a ghost.
    if expires_before is not null or erased.a is not null then
        select array_agg(g.original_user_id), array_agg(g.event_id) into ghosts
        from unnest(user_ids, event_ids) as k (original_user_id, event_id)
        join cairn.ghosts g on g.customer_id = project and g.original_user_id = k.original_user_id and g.event_id = k.event_id
        where g.original_user_id = any (case when expires_before is null then erased.a else wanted end);
    end if;
    select array_agg(coalesce(i.user_id, a.id) order by a.place),
        array_agg(case when a.nth > 1 or g.id is not null then 'd' when a.received_at <= x.at then 'e'
            when a.time < expires_before then 'x' else 'k' end order by a.place)
    into persons, fates
    from (
        select *, row_number() over (partition by id, event_id order by place) as nth
        from unnest(user_ids, event_ids, times, received) with ordinality as a (id, event_id, time, received_at, place)) a
    left join unnest(known.a, known.b) as i (id, user_id) on i.id = a.id
    left join unnest(erased.a, erased.b) as x (id, at) on x.id = a.id
    left join (select distinct id, event_id from unnest(ghosts.a, ghosts.b) as g (id, event_id)) g
        on g.id = a.id and g.event_id = a.event_id;

    if fates && '{e,x}' then
        select l.n_erased, l.n_expired into n_erased, n_expired
        from cairn.leave_ghosts(project, persons, fates, user_ids, event_ids, times, received) l;
    end if;
    perform cairn.meet(project, array(select distinct p from unnest(persons, fates) as k (p, fate) where fate = 'k' order by p));
    with kept as (
        insert into cairn.events
        select project, n.user_id, n.event_id, n.original_user_id, n.time, n.received_at, n.type, n.data::jsonb
        from unnest(persons, event_ids, user_ids, times, received, types, properties, fates)
            as n (user_id, event_id, original_user_id, time, received_at, type, data, fate)
        where n.fate = 'k'
        order by n.user_id, n.time
        on conflict do nothing
        returning original_user_id, event_id
    )
    select array_agg(original_user_id), array_agg(event_id) into kept from kept;
    -- Whoever identifies one of them from now on waits for us; one who did just before is not to leave us with the wrong person.
    known_after := cairn.identities_of(project, wanted);
    if known_after is distinct from known then
        raise serialization_failure using message = 'a user was identified while events were applied';
    end if;
    n_kept := coalesce(cardinality(kept.a), 0);
    perform cairn.count(project, of_partition, n_all, n_kept, n_all - n_kept - n_erased - n_expired, 0, n_erased, n_expired);
    -- Mostly it is none.
    return case when n_kept < n_all then array(
        select a.place from unnest(user_ids, event_ids, fates) with ordinality as a (id, event_id, fate, place)
        left join unnest(kept.a, kept.b) as k (id, event_id) on k.id = a.id and k.event_id = a.event_id
        where a.fate <> 'k' or k.id is null
        order by a.place) end;
end $$;
