-- How messages become state. All of it can be done twice, in any order and by several servers, with the same result.

-- The person of a handle: the first 63 bits of SHA-256, never 0.
create function cairn.canonical_user(handle text) returns bigint
    language sql immutable strict parallel safe as $$
    select greatest(
        ((('x' || encode(substring(sha256(convert_to(handle, 'UTF8')) from 1 for 8), 'hex'))::bit(64)) >> 1)::bigint,
        1)
$$;

-- Messages of a project wait for, and hold up, only what takes something out of it.
create function cairn.share(project bigint) returns void
    language sql as $$ select pg_advisory_xact_lock_shared(hashtextextended('cairn project ' || project, 0)) $$;
create function cairn.exclude(project bigint) returns void
    language sql as $$ select pg_advisory_xact_lock(hashtextextended('cairn project ' || project, 0)) $$;

create function cairn.count(
    project bigint, of_partition bigint, accepted bigint, stored bigint, duplicate bigint, quarantined bigint,
    erased bigint, expired bigint) returns void
    language sql as $$
    insert into cairn.ledger as l values (project, of_partition, accepted, stored, duplicate, quarantined, erased, expired)
    on conflict (customer_id, partition) do update set
        accepted = l.accepted + excluded.accepted, stored = l.stored + excluded.stored,
        duplicate = l.duplicate + excluded.duplicate, quarantined = l.quarantined + excluded.quarantined,
        erased = l.erased + excluded.erased, expired = l.expired + excluded.expired
$$;

-- Applies events, given by column. Gives the places, counted from 1, of those that are not in the answers now.
create function cairn.apply_events(
    project bigint, of_partition bigint,
    user_ids bigint[], event_ids bigint[], times bigint[], received bigint[], types text[], properties text[])
    returns bigint[]
    language plpgsql as $$
declare
    expires_before bigint := coalesce((select before from cairn.expiries where customer_id = project), -9223372036854775808);
    left_out bigint[];
    n_stored bigint; n_erased bigint; n_expired bigint; n_all bigint := cardinality(user_ids);
begin
    perform cairn.share(project);
    with arrived as (
        select a.*, row_number() over (partition by a.original_user_id, a.event_id order by a.place) as nth
        from unnest(user_ids, event_ids, times, received, types, properties)
            with ordinality as a (original_user_id, event_id, time, received_at, type, data, place)
    ), new as materialized (
        select a.place, coalesce(i.user_id, a.original_user_id) as user_id, a.original_user_id, a.event_id, a.time,
            a.received_at, a.type, a.data, a.received_at <= coalesce(x.at, -9223372036854775808) as erased,
            a.time < expires_before as expired
        from arrived a
        left join cairn.identities i on i.customer_id = project and i.original_user_id = a.original_user_id
        left join cairn.erasures x on x.customer_id = project and x.original_user_id = a.original_user_id
        where a.nth = 1
            and not exists (select from cairn.ghosts g where g.customer_id = project
                and g.original_user_id = a.original_user_id and g.event_id = a.event_id)
    ), gone as (
        insert into cairn.ghosts
        select project, n.original_user_id, n.event_id, n.time, n.received_at, n.erased
        from new n
        where (n.erased or n.expired)
            and not exists (select from cairn.events e where e.customer_id = project and e.user_id = n.user_id
                and e.event_id = n.event_id and e.original_user_id = n.original_user_id)
        on conflict do nothing
        returning erased
    ), met as (
        insert into cairn.users (customer_id, user_id)
        select distinct project, n.user_id from new n
        where not n.erased and not n.expired
            and not exists (select from cairn.users u where u.customer_id = project and u.user_id = n.user_id)
        order by n.user_id
        on conflict do nothing
    ), kept as (
        insert into cairn.events
        select project, n.user_id, n.event_id, n.original_user_id, n.time, n.received_at, n.type, n.data::jsonb
        from new n
        where not n.erased and not n.expired
        order by n.user_id, n.time
        on conflict do nothing
        returning user_id, event_id, original_user_id
    )
    select
        (select array_agg(a.place order by a.place) from arrived a
            where a.nth > 1 or not exists (
                select from new n join kept k using (user_id, event_id, original_user_id) where n.place = a.place)),
        (select count(*) from kept), (select count(*) filter (where erased) from gone),
        (select count(*) filter (where not erased) from gone)
    into left_out, n_stored, n_erased, n_expired;
    perform cairn.count(project, of_partition, n_all, n_stored, n_all - n_stored - n_erased - n_expired, 0, n_erased, n_expired);
    return left_out;
end $$;

-- Notes facts, and brings the persons of their users up to date.
create function cairn.apply_facts(
    project bigint,
    user_ids bigint[], kinds text[], of_names text[], times bigint[], received bigint[], of_values text[], ranks bytea[])
    returns void
    language plpgsql as $$
begin
    perform cairn.share(project);
    with new as (
        select distinct on (n.original_user_id, n.kind, n.name, n.time, n.received_at)
            n.original_user_id, n.kind::"char" as kind, n.name, n.time, n.received_at, n.value::jsonb as value, n.rank
        from unnest(user_ids, kinds, of_names, times, received, of_values, ranks)
            as n (original_user_id, kind, name, time, received_at, value, rank)
        left join cairn.erasures x on x.customer_id = project and x.original_user_id = n.original_user_id
        where n.received_at > coalesce(x.at, -9223372036854775808)
        order by n.original_user_id, n.kind, n.name, n.time, n.received_at,
            case when n.kind = 's' then n.rank end desc, n.rank
    )
    insert into cairn.facts as f
    select project, n.* from new n
    order by n.original_user_id, n.kind, n.name, n.time, n.received_at
    on conflict (customer_id, original_user_id, kind, name, time, received_at) do update
        set value = excluded.value, rank = excluded.rank
        where (f.kind = 's' and excluded.rank > f.rank) or (f.kind = 'o' and excluded.rank < f.rank);
    -- A value that another beats, received no earlier, can never matter again.
    delete from cairn.facts f
    using (select distinct u, k, n from unnest(user_ids, kinds, of_names) as t (u, k, n) where k in ('s', 'o')) t
    where f.customer_id = project and f.original_user_id = t.u and f.kind = t.k::"char" and f.name = t.n
        and exists (
            select from cairn.facts b
            where b.customer_id = project and b.original_user_id = f.original_user_id and b.kind = f.kind
                and b.name = f.name and b.received_at >= f.received_at
                and (b.time, b.received_at) <> (f.time, f.received_at)
                and case when f.kind = 's' then (b.time, b.rank) >= (f.time, f.rank) else (b.time, b.rank) <= (f.time, f.rank) end);
    perform cairn.settle(project, (select array_agg(distinct u order by u) from unnest(user_ids) u));
end $$;

-- Whose a user id is to be, and whose it was.
create type cairn.standing as (id bigint, handle text, target bigint, current bigint);

-- Brings persons up to date after the facts, or all events, of these user ids have changed.
create function cairn.settle(project bigint, ids bigint[]) returns void
    language plpgsql as $$
declare
    standing cairn.standing[];
    moving cairn.standing;
    affected bigint[];
begin
    if ids is null then
        return;
    end if;
    standing := array(
        select row(s.id, s.handle, coalesce(cairn.canonical_user(s.handle), s.id), coalesce(i.user_id, s.id))::cairn.standing
        from (
            select id, (
                select f.name from cairn.facts f
                where f.customer_id = project and f.original_user_id = id and f.kind = 'i'
                    and not exists (
                        select from cairn.facts r where r.customer_id = project and r.original_user_id = id
                            and r.kind = 'r' and r.name = f.name and r.time >= f.time)
                order by f.time, f.name limit 1) as handle
            from unnest(ids) id) s
        left join cairn.identities i on i.customer_id = project and i.original_user_id = s.id);

    select array_agg(distinct p order by p) into affected
    from unnest(standing) s, unnest(array[s.target, s.current]) p;
    -- Whoever changes a person has its row first.
    insert into cairn.users (customer_id, user_id, handle)
    select distinct on (p) project, p, s.handle
    from unnest(standing) s, unnest(array[s.target, s.current]) p
    where p = s.target or not exists (select from cairn.users u where u.customer_id = project and u.user_id = p)
    order by p, s.handle nulls last
    on conflict (customer_id, user_id) do nothing;
    perform from cairn.users u where u.customer_id = project and u.user_id = any (affected)
    order by u.user_id for no key update;

    for moving in select * from unnest(standing) where target <> current order by id loop
        update cairn.users set handle = moving.handle
        where customer_id = project and user_id = moving.target and handle is distinct from moving.handle;
        update cairn.events set user_id = moving.target
        where customer_id = project and user_id = moving.current and original_user_id = moving.id;
        if moving.handle is null then
            delete from cairn.identities where customer_id = project and original_user_id = moving.id;
        else
            insert into cairn.identities values (project, moving.id, moving.target)
            on conflict (customer_id, original_user_id) do update set user_id = excluded.user_id;
        end if;
    end loop;
    perform cairn.refresh(project, affected);
end $$;

-- Computes the properties of persons, and takes away those of whom nothing is left.
create function cairn.refresh(project bigint, persons bigint[]) returns void
    language plpgsql as $$
begin
    with members as (
        select i.user_id as person, i.original_user_id
        from cairn.identities i where i.customer_id = project and i.user_id = any (persons)
        union all
        select p, p from unnest(persons) p
        where not exists (select from cairn.identities i where i.customer_id = project and i.original_user_id = p)
            and not exists (select from cairn.identities i where i.customer_id = project and i.user_id = p)
    ), facts as (
        select m.person, f.kind, f.name, f.time, f.rank, f.value
        from members m
        join cairn.facts f on f.customer_id = project and f.original_user_id = m.original_user_id and f.kind in ('s', 'o')
    ), set_last as (
        select distinct on (person, name) person, name, value from facts where kind = 's'
        order by person, name, time desc, rank desc
    ), set_first as (
        select distinct on (person, name) person, name, value from facts where kind = 'o'
        order by person, name, time, rank
    ), current as (
        select person, coalesce(jsonb_object_agg(name, value) filter (where name is not null), '{}') as properties
        from unnest(persons) person
        left join (
            select person, name, coalesce(l.value, o.value) as value
            from set_last l full join set_first o using (person, name)) v using (person)
        group by person
    )
    update cairn.users u set properties = c.properties
    from current c
    where u.customer_id = project and u.user_id = c.person and u.properties is distinct from c.properties;

    delete from cairn.users u
    where u.customer_id = project and u.user_id = any (persons)
        and not exists (select from cairn.identities i where i.customer_id = project and i.user_id = u.user_id)
        and not exists (select from cairn.events e where e.customer_id = project and e.user_id = u.user_id)
        and (u.handle is not null
            or exists (select from cairn.identities i where i.customer_id = project and i.original_user_id = u.user_id)
            or not exists (select from cairn.facts f where f.customer_id = project and f.original_user_id = u.user_id));
end $$;

create function cairn.apply_erasure(project bigint, of_partition bigint, ids bigint[], until bigint) returns void
    language plpgsql as $$
declare
    n_fresh bigint; n_expired bigint;
begin
    perform cairn.exclude(project);
    insert into cairn.erasures as x select distinct project, id, until from unnest(ids) id order by id
    on conflict (customer_id, original_user_id) do update set at = greatest(x.at, excluded.at);
    delete from cairn.facts
    where customer_id = project and original_user_id = any (ids) and received_at <= until;
    with gone as (
        delete from cairn.events e
        using (
            select distinct id, coalesce(i.user_id, id) as user_id
            from unnest(ids) id
            left join cairn.identities i on i.customer_id = project and i.original_user_id = id) m
        where e.customer_id = project and e.user_id = m.user_id and e.original_user_id = m.id and e.received_at <= until
        returning e.original_user_id, e.event_id, e.time, e.received_at
    ), noted as (
        insert into cairn.ghosts select project, original_user_id, event_id, time, received_at, true from gone
        on conflict (customer_id, original_user_id, event_id) do update set erased = true
    )
    select count(*) into n_fresh from gone;
    with more as (
        update cairn.ghosts set erased = true
        where customer_id = project and original_user_id = any (ids) and received_at <= until and not erased
        returning 1
    )
    select count(*) into n_expired from more;
    perform cairn.count(project, of_partition, 0, -n_fresh, 0, 0, n_fresh + n_expired, -n_expired);
    perform cairn.settle(project, (select array_agg(distinct id order by id) from unnest(ids) id));
end $$;

create function cairn.apply_expiry(project bigint, of_partition bigint, until bigint) returns void
    language plpgsql as $$
declare
    n_gone bigint;
begin
    perform cairn.exclude(project);
    insert into cairn.expiries as x values (project, until)
    on conflict (customer_id) do update set before = greatest(x.before, excluded.before);
    with gone as (
        delete from cairn.events where customer_id = project and time < until
        returning original_user_id, event_id, time, received_at
    ), noted as (
        insert into cairn.ghosts select project, original_user_id, event_id, time, received_at, false from gone
        on conflict do nothing
    )
    select count(*) into n_gone from gone;
    perform cairn.count(project, of_partition, 0, -n_gone, 0, 0, 0, n_gone);
    if n_gone > 0 then
        -- Somebody with a handle was identified, and so is known; of the others nothing may be left.
        delete from cairn.users u
        where u.customer_id = project and u.handle is null
            and not exists (select from cairn.events e where e.customer_id = project and e.user_id = u.user_id)
            and not exists (select from cairn.facts f where f.customer_id = project and f.original_user_id = u.user_id);
    end if;
end $$;

-- The next offset of a partition, which the caller's transaction alone may move.
create function cairn.lock_position(of_partition bigint) returns bigint
    language plpgsql as $$
begin
    insert into cairn.positions values (of_partition, 0) on conflict do nothing;
    return (select next_offset from cairn.positions where partition = of_partition for update);
end $$;
