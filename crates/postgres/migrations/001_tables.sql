-- What the store keeps. Every table begins with its project (customer_id): nothing ever crosses projects.
-- On Citus, tables with a user_id after it are distributed by that, those with an original_user_id by that one, all co-located; the others
-- stay on the coordinator (citus.sql).

-- Persons: somebody with a handle (user_id is then a hash of it), or a user id that belongs to nobody else.
create table cairn.users (
    customer_id bigint not null,
    user_id bigint not null,
    handle text collate "C",
    properties jsonb not null default '{}',
    primary key (customer_id, user_id)
);

-- The events in the answers. user_id is the person; original_user_id is who sent it, and stays.
create table cairn.events (
    customer_id bigint not null,
    user_id bigint not null,
    event_id bigint not null,
    original_user_id bigint not null,
    time bigint not null,
    received_at bigint not null,
    type text collate "C" not null,
    data jsonb not null,
    primary key (customer_id, user_id, event_id, original_user_id),
    foreign key (customer_id, user_id) references cairn.users
) with (autovacuum_vacuum_insert_scale_factor = 0.02);

-- Messages arrive more or less in order of time.
create index events_times on cairn.events using brin (time, received_at) with (pages_per_range = 32);

-- Ids of events that are not in the answers any more: they are counted once for ever.
create table cairn.ghosts (
    customer_id bigint not null,
    original_user_id bigint not null,
    event_id bigint not null,
    time bigint not null,
    received_at bigint not null,
    erased boolean not null,
    primary key (customer_id, original_user_id, event_id)
);

-- What messages other than events said of a user id, as far as something of it can still matter.
-- kind: s set, o set once, i identified, r revoked; name: of the property, or the handle.
create table cairn.facts (
    customer_id bigint not null,
    original_user_id bigint not null,
    kind "char" not null,
    name text collate "C" not null,
    time bigint not null,
    received_at bigint not null,
    -- Of a property: the value, and bytes that order values as semantics.md does.
    value jsonb,
    rank bytea,
    primary key (customer_id, original_user_id, kind, name, time, received_at)
);

-- The person that an identified user id belongs to.
create table cairn.identities (
    customer_id bigint not null,
    original_user_id bigint not null,
    user_id bigint not null,
    primary key (customer_id, original_user_id)
);

-- The same by person, so that it lies with the person's row and events.
create table cairn.members (
    customer_id bigint not null,
    user_id bigint not null,
    original_user_id bigint not null,
    primary key (customer_id, user_id, original_user_id)
);

create table cairn.erasures (
    customer_id bigint not null,
    original_user_id bigint not null,
    at bigint not null,
    primary key (customer_id, original_user_id)
);

create table cairn.expiries (
    customer_id bigint primary key,
    before bigint not null
);

-- Names of properties that were ever seen; kind: e of events, u of users.
create table cairn.names (
    customer_id bigint not null,
    kind "char" not null,
    name text collate "C" not null,
    primary key (customer_id, kind, name)
);

-- Where every accepted event went, by the partition whose messages said so: a sum over partitions is the truth.
create table cairn.ledger (
    customer_id bigint not null,
    partition bigint not null,
    accepted bigint not null default 0,
    stored bigint not null default 0,
    duplicate bigint not null default 0,
    quarantined bigint not null default 0,
    erased bigint not null default 0,
    expired bigint not null default 0,
    primary key (customer_id, partition)
);

-- The next offset of each partition of the logs: all before is in the tables.
create table cairn.positions (
    partition bigint primary key,
    next_offset bigint not null
);

-- Logs that write here, each with the partition that is its own.
create table cairn.logs (
    log_id bigint primary key,
    partition bigint generated always as identity (start with 0 minvalue 0) unique
);

-- What was accepted and cannot be applied.
create table cairn.quarantine (
    partition bigint not null,
    log_offset bigint not null,
    customer_id bigint,
    reason text not null,
    payload bytea not null,
    quarantined_at timestamptz not null default now(),
    primary key (partition, log_offset)
);
