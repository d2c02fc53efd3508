-- How messages become state. All of it can be done twice, in any order and by several servers, with the same result.

-- These functions are the same on Citus, where a statement reads tables that are not co-located one after the other, by arrays;
-- never changes the column that a table is distributed by; and does everything on the coordinator that is not in a table.

-- Two columns.
create type cairn.pairs as (a bigint[], b bigint[]);

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
    expires_before bigint := (select before from cairn.expiries where customer_id = project);
    wanted bigint[] := array(select distinct u from unnest(user_ids) u order by u);
    known cairn.pairs; known_after cairn.pairs; erased cairn.pairs; kept cairn.pairs;
    ghosts cairn.pairs := (null, null);
    -- By place: whose event it is, and what becomes of it: d duplicate, e erased, x expired, k kept if it is not there.
    persons bigint[]; fates text[];
    n_erased bigint := 0; n_expired bigint := 0; n_kept bigint; n_all bigint := cardinality(user_ids);
begin
    perform cairn.share(project);
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

-- The persons of those of some user ids that are identified.
create function cairn.identities_of(project bigint, ids bigint[]) returns cairn.pairs
    language plpgsql as $$
declare
    found cairn.pairs;
begin
    select array_agg(original_user_id order by original_user_id), array_agg(user_id order by original_user_id) into found
    from cairn.identities where customer_id = project and original_user_id = any (ids);
    return found;
end $$;

-- Makes persons that are not there.
create function cairn.meet(project bigint, persons bigint[]) returns void
    language plpgsql as $$
declare
    known bigint[] := array(select user_id from cairn.users where customer_id = project and user_id = any (persons));
begin
    if cardinality(known) < cardinality(persons) then
        insert into cairn.users (customer_id, user_id)
        select project, p from unnest(persons) p where p <> all (known) order by p
        on conflict do nothing;
    end if;
end $$;

-- Notes the ids of events that come erased or expired, but for those that are in the answers.
create function cairn.leave_ghosts(
    project bigint, persons bigint[], fates text[],
    user_ids bigint[], event_ids bigint[], times bigint[], received bigint[],
    out n_erased bigint, out n_expired bigint)
    language plpgsql as $$
declare
    present cairn.pairs;
begin
    select array_agg(e.original_user_id), array_agg(e.event_id) into present
    from unnest(persons, event_ids, user_ids, fates) as k (user_id, event_id, original_user_id, fate)
    join cairn.events e on e.customer_id = project and e.user_id = k.user_id
        and e.event_id = k.event_id and e.original_user_id = k.original_user_id
    where k.fate in ('e', 'x') and e.user_id = any (persons);
    with gone as (
        insert into cairn.ghosts
        select project, k.id, k.event_id, k.time, k.received_at, k.fate = 'e'
        from unnest(user_ids, event_ids, times, received, fates) as k (id, event_id, time, received_at, fate)
        left join unnest(present.a, present.b) as p (id, event_id) on p.id = k.id and p.event_id = k.event_id
        where k.fate in ('e', 'x') and p.id is null
        on conflict do nothing
        returning erased
    )
    select count(*) filter (where erased), count(*) filter (where not erased) into n_erased, n_expired from gone;
end $$;

-- Notes facts, and brings the persons of their users up to date.
create function cairn.apply_facts(
    project bigint,
    user_ids bigint[], kinds text[], of_names text[], times bigint[], received bigint[], of_values text[], ranks bytea[])
    returns void
    language plpgsql as $$
declare
    wanted bigint[] := array(select distinct u from unnest(user_ids) u order by u);
    erased cairn.pairs;
begin
    perform cairn.share(project);
    select array_agg(original_user_id), array_agg(at) into erased
    from cairn.erasures where customer_id = project and original_user_id = any (wanted);
    insert into cairn.facts as f
    select project, n.id, n.kind::"char", n.name, n.time, n.received_at, n.value::jsonb, n.rank
    from (
        select distinct on (n.id, n.kind, n.name, n.time, n.received_at) n.*
        from unnest(user_ids, kinds, of_names, times, received, of_values, ranks)
            as n (id, kind, name, time, received_at, value, rank)
        left join unnest(erased.a, erased.b) as x (id, at) on x.id = n.id
        where n.received_at > coalesce(x.at, -9223372036854775808)
        order by n.id, n.kind, n.name, n.time, n.received_at, case when n.kind = 's' then n.rank end desc, n.rank) n
    order by n.id, n.kind, n.name, n.time, n.received_at
    on conflict (customer_id, original_user_id, kind, name, time, received_at) do update
        set value = excluded.value, rank = excluded.rank
        where (f.kind = 's' and excluded.rank > f.rank) or (f.kind = 'o' and excluded.rank < f.rank);
    -- A value that another beats, received no earlier, can never matter again.
    delete from cairn.facts f
    using (select distinct u, k, n from unnest(user_ids, kinds, of_names) as t (u, k, n) where k in ('s', 'o')) t
    where f.customer_id = project and f.original_user_id = t.u and f.kind = t.k::"char" and f.name = t.n
        and f.original_user_id = any (wanted)
        and exists (
            select from cairn.facts b
            where b.customer_id = f.customer_id and b.original_user_id = f.original_user_id and b.kind = f.kind
                and b.name = f.name and b.received_at >= f.received_at
                and (b.time, b.received_at) <> (f.time, f.received_at)
                and case when f.kind = 's' then (b.time, b.rank) >= (f.time, f.rank) else (b.time, b.rank) <= (f.time, f.rank) end);
    perform cairn.settle(project, wanted);
end $$;

-- Whose a user id is to be, and whose it was.
create type cairn.standing as (id bigint, handle text, target bigint, current bigint);
create function cairn.standing(project bigint, ids bigint[]) returns cairn.standing[]
    language plpgsql as $$
declare
    known cairn.pairs := cairn.identities_of(project, ids);
    told bigint[]; handles text[];
begin
    select array_agg(id), array_agg(handle) into told, handles
    from (
        select f.original_user_id as id, (array_agg(f.name order by f.time, f.name))[1] as handle
        from cairn.facts f
        where f.customer_id = project and f.original_user_id = any (ids) and f.kind = 'i' and not exists (
                select from cairn.facts r where r.customer_id = f.customer_id and r.original_user_id = f.original_user_id
                    and r.kind = 'r' and r.name = f.name and r.time >= f.time)
        group by f.original_user_id) t;
    return array(
        select row(id, t.handle, coalesce(cairn.canonical_user(t.handle), id), coalesce(i.user_id, id))::cairn.standing
        from unnest(ids) id
        left join unnest(told, handles) as t (told, handle) on t.told = id
        left join unnest(known.a, known.b) as i (known, user_id) on i.known = id);
end $$;

-- Brings persons up to date after the facts, or all events, of these user ids have changed.
create function cairn.settle(project bigint, ids bigint[]) returns void
    language plpgsql as $$
declare
    standing cairn.standing[] := cairn.standing(project, ids);
    persons bigint[]; changing bigint[];
    locked bigint[] := '{}'; locked_wholly bigint[] := '{}';
begin
    -- Whoever changes a person has its row first; and what was read before is read again then.
    loop
        persons := array(select distinct p from unnest(standing) s, unnest(array[s.target, s.current] || locked) p order by p);
        changing := array(
            select distinct p from unnest(standing) s, unnest(array[s.target, s.current]) p where s.target <> s.current order by p);
        exit when persons <@ locked and changing <@ locked_wholly;
        perform cairn.meet(project, persons);
        perform cairn.lock_persons(project, persons, changing);
        locked := persons;
        locked_wholly := locked_wholly || changing;
        standing := cairn.standing(project, ids);
    end loop;
    standing := array(select s from unnest(standing) s where s.target <> s.current);
    perform cairn.move(project, standing) where cardinality(standing) > 0;
    perform cairn.refresh(project, persons);
end $$;

-- Takes the rows of persons. Those of whom user ids come and go are taken from who applies their events, too.
create function cairn.lock_persons(project bigint, persons bigint[], changing bigint[]) returns void
    language plpgsql as $$
begin
    perform from cairn.users u where u.customer_id = project and u.user_id = any (changing) order by u.user_id for update;
    perform from cairn.users u where u.customer_id = project and u.user_id = any (persons) order by u.user_id for no key update;
end $$;

-- Moves user ids with their events to other persons, whose rows are there.
create function cairn.move(project bigint, moving cairn.standing[]) returns void
    language plpgsql as $$
declare
    ids bigint[] := array(select m.id from unnest(moving) m order by m.id);
    targets bigint[] := array(select m.target from unnest(moving) m order by m.id);
    currents bigint[] := array(select m.current from unnest(moving) m order by m.id);
    handles text[] := array(select m.handle from unnest(moving) m order by m.id);
begin
    update cairn.users u set handle = t.handle
    from (
        select distinct on (target) target, handle
        from unnest(ids, targets, handles) as m (id, target, handle) order by target, id desc) t
    where u.customer_id = project and u.user_id = t.target and u.user_id = any (targets) and u.handle is distinct from t.handle;
    -- Not an update: a row that changes its user_id may go to another machine.
    with moved as (
        delete from cairn.events e using unnest(ids, currents, targets) as m (id, current, target)
        where e.customer_id = project and e.user_id = m.current and e.original_user_id = m.id and e.user_id = any (currents)
        returning m.target, e.event_id, e.original_user_id, e.time, e.received_at, e.type, e.data
    )
    insert into cairn.events (customer_id, user_id, event_id, original_user_id, time, received_at, type, data)
    select project, moved.* from moved;
    delete from cairn.members b using unnest(ids, currents) as m (id, current)
    where b.customer_id = project and b.user_id = m.current and b.original_user_id = m.id and b.user_id = any (currents);
    insert into cairn.members (customer_id, user_id, original_user_id)
    select project, m.target, m.id from unnest(ids, targets, handles) as m (id, target, handle) where m.handle is not null
    on conflict do nothing;
    delete from cairn.identities
    where customer_id = project and original_user_id = any (array(
        select m.id from unnest(ids, handles) as m (id, handle) where m.handle is null));
    insert into cairn.identities (customer_id, original_user_id, user_id)
    select project, m.id, m.target from unnest(ids, targets, handles) as m (id, target, handle) where m.handle is not null
    on conflict (customer_id, original_user_id) do update set user_id = excluded.user_id;
end $$;

-- Computes the properties of persons, and takes away those of whom nothing is left.
create function cairn.refresh(project bigint, persons bigint[]) returns void
    language plpgsql as $$
declare
    members cairn.pairs;
    identified bigint[] := array(
        select original_user_id from cairn.identities where customer_id = project and original_user_id = any (persons));
    refreshed bigint[]; computed jsonb[];
begin
    select array_agg(user_id), array_agg(original_user_id) into members
    from cairn.members where customer_id = project and user_id = any (persons);
    -- Who has no members and is none is by itself.
    select array_agg(m.person), array_agg(m.id) into members
    from (
        select * from unnest(members.a, members.b) as m (person, id)
        union all
        select p, p from unnest(persons) p where p <> all (identified) and p <> all (coalesce(members.a, '{}'))) m;
    with facts as materialized (
        select f.original_user_id, f.kind, f.name, f.time, f.rank, f.value
        from cairn.facts f
        where f.customer_id = project and f.original_user_id = any (members.b) and f.kind in ('s', 'o')
    ), of_persons as (
        select m.person, f.* from unnest(members.a, members.b) as m (person, id) join facts f on f.original_user_id = m.id
    ), standing as (
        -- Of each name the last that was set; else the first that was set once.
        select distinct on (person, name) person, name, value from of_persons
        order by person, name, kind desc,
            case when kind = 's' then time end desc, case when kind = 's' then rank end desc, time, rank
    ), current as (
        select person, coalesce(jsonb_object_agg(name, value) filter (where name is not null), '{}') as properties
        from unnest(persons) person left join standing using (person)
        group by person
    )
    select array_agg(person), array_agg(properties) into refreshed, computed from current;
    update cairn.users u set properties = c.properties
    from unnest(refreshed, computed) as c (person, properties)
    where u.customer_id = project and u.user_id = c.person and u.user_id = any (persons)
        and u.properties is distinct from c.properties;

    delete from cairn.users u
    where u.customer_id = project and u.user_id = any (persons)
        and not exists (select from cairn.members i where i.customer_id = u.customer_id and i.user_id = u.user_id)
        and not exists (select from cairn.events e where e.customer_id = u.customer_id and e.user_id = u.user_id)
        and (u.handle is not null
            or exists (select from cairn.identities i where i.customer_id = u.customer_id and i.original_user_id = u.user_id)
            or not exists (select from cairn.facts f where f.customer_id = u.customer_id and f.original_user_id = u.user_id));
end $$;

create function cairn.apply_erasure(project bigint, of_partition bigint, ids bigint[], until bigint) returns void
    language plpgsql as $$
declare
    known cairn.pairs;
    persons bigint[];
    n_fresh bigint; n_expired bigint;
begin
    perform cairn.exclude(project);
    known := cairn.identities_of(project, ids);
    persons := array(
        select coalesce(i.user_id, id) from unnest(ids) id left join unnest(known.a, known.b) as i (known, user_id) on i.known = id);
    insert into cairn.erasures as x select distinct project, id, until from unnest(ids) id order by id
    on conflict (customer_id, original_user_id) do update set at = greatest(x.at, excluded.at);
    delete from cairn.facts
    where customer_id = project and original_user_id = any (ids) and received_at <= until;
    with gone as (
        delete from cairn.events e
        where e.customer_id = project and e.user_id = any (persons) and e.original_user_id = any (ids) and e.received_at <= until
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
    perform cairn.settle(project, array(select distinct id from unnest(ids) id order by id));
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
            and not exists (select from cairn.events e where e.customer_id = u.customer_id and e.user_id = u.user_id)
            and not exists (select from cairn.facts f where f.customer_id = u.customer_id and f.original_user_id = u.user_id);
    end if;
end $$;

-- The next offset of a partition, which the caller's transaction alone may move.
create function cairn.lock_position(of_partition bigint) returns bigint
    language plpgsql as $$
begin
    insert into cairn.positions values (of_partition, 0) on conflict do nothing;
    return (select next_offset from cairn.positions where partition = of_partition for update);
end $$;
