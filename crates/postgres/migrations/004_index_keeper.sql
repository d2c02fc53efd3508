-- The partial indexes of event definitions, as far as they are there and as they are wanted. What of them can serve is what PostgreSQL
-- says of the index of that name.
create table cairn.definition_indexes (
    customer_id bigint not null,
    -- A hash of the project, of what the rows of the index satisfy, and of the version of the matcher.
    name text collate "C" not null,
    -- The definition, as JSON.
    predicate jsonb not null,
    -- Conditions all of which the rows of the index satisfy, as text, in order.
    parts text[] collate "C" not null,
    ddl text not null,
    -- Whether the project still has the definition.
    defined boolean not null default true,
    state text not null default 'wanted' check (state in ('wanted', 'building', 'valid', 'failed', 'retired')),
    -- Builds that failed since the last one that did not.
    tries int not null default 0,
    last_error text,
    next_try_at timestamptz not null default now(),
    made_at timestamptz not null default now(),
    built_at timestamptz,
    -- When a question last used the definition, or it was made; to the hour.
    used_at timestamptz not null default now(),
    size_bytes bigint,
    primary key (customer_id, name)
);

-- How many custom events of a name there are cannot be told from how many are custom, and how many have the name.
create statistics cairn.events_names (mcv) on type, (data -> 'name') from cairn.events;
