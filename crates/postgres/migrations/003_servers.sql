-- What servers share beside the events: which database this is, the catalog, and what is to be purged.

-- One row. A data folder remembers the id; a catalog that somebody has changed has another version.
create table cairn.database (
    only_one boolean primary key default true check (only_one),
    id uuid not null default gen_random_uuid(),
    catalog_version bigint not null default 0
);
insert into cairn.database default values;

create table cairn.projects (
    customer_id bigint primary key generated always as identity,
    name text not null,
    zone text not null,
    write_key text not null unique,
    created_at bigint not null
);

-- The predicate is JSON as it was written: jsonb takes no NUL.
create table cairn.definitions (
    customer_id bigint not null references cairn.projects,
    name text collate "C" not null,
    predicate text not null,
    created_at bigint not null,
    primary key (customer_id, name)
);

create table cairn.lists (
    customer_id bigint not null references cairn.projects,
    name text collate "C" not null,
    size bigint not null,
    people text not null,
    created_at bigint not null,
    primary key (customer_id, name)
);

create table cairn.settings (
    name text primary key,
    value bytea not null
);

-- How often something of a project was covered by an erasure or an expiry; up to which of them its rows are gone from the tables,
-- and since when more is to be done.
create table cairn.purges (
    customer_id bigint primary key,
    covered bigint not null default 1,
    vacuumed bigint not null default 0,
    since timestamptz not null default now()
);

-- The same of each log: what it holds is its server's to drop.
create table cairn.purged_logs (
    partition bigint not null,
    customer_id bigint not null,
    covered bigint not null,
    primary key (partition, customer_id)
);

-- Something of a project is to be purged.
create function cairn.cover(project bigint) returns void
    language sql as $$
    insert into cairn.purges as p (customer_id) values (project)
    on conflict (customer_id) do update set
        covered = p.covered + 1, since = case when p.vacuumed >= p.covered then now() else p.since end
$$;

-- The same, if what has just come was covered before it came: facts and events of these users, received then, and events of these times.
create function cairn.cover_late(project bigint, user_ids bigint[], received bigint[], times bigint[]) returns void
    language plpgsql as $$
declare
    expires_before bigint := (select before from cairn.expiries where customer_id = project);
    erased cairn.pairs;
begin
    select array_agg(original_user_id), array_agg(at) into erased
    from cairn.erasures where customer_id = project and original_user_id = any (user_ids);
    perform cairn.cover(project)
    where exists (
            select from unnest(user_ids, received) as late (id, received_at)
            join unnest(erased.a, erased.b) as x (id, at) on x.id = late.id and late.received_at <= x.at)
        or exists (select from unnest(times) t where t < expires_before);
end $$;
