-- What people keep of questions, what definitions meant before, and more settings of projects.
alter table cairn.projects add column retention_days int;
-- JSON, a list of selectors.
alter table cairn.projects add column masks text not null default '[]';

create table cairn.former_keys (
    key text primary key,
    customer_id bigint not null references cairn.projects,
    replaced_at bigint not null
);

create table cairn.definition_versions (
    customer_id bigint not null,
    name text collate "C" not null,
    version bigint not null,
    predicate text not null,
    created_at bigint not null,
    primary key (customer_id, name, version),
    foreign key (customer_id, name) references cairn.definitions on delete cascade on update cascade
);

insert into cairn.definition_versions (customer_id, name, version, predicate, created_at)
select customer_id, name, 1, predicate, created_at from cairn.definitions;

-- The state is JSON as it was written: jsonb takes no NUL.
create table cairn.reports (
    customer_id bigint not null references cairn.projects,
    id bigint not null generated always as identity unique,
    name text collate "C" not null,
    kind text not null,
    state text not null,
    created_at bigint not null,
    changed_at bigint not null,
    primary key (customer_id, id),
    unique (customer_id, name)
);

create table cairn.dashboards (
    customer_id bigint not null references cairn.projects,
    id bigint not null generated always as identity unique,
    name text collate "C" not null,
    created_at bigint not null,
    changed_at bigint not null,
    primary key (customer_id, id),
    unique (customer_id, name)
);

create table cairn.tiles (
    customer_id bigint not null,
    dashboard bigint not null,
    place int not null,
    report bigint not null,
    width int not null,
    primary key (customer_id, dashboard, place),
    foreign key (customer_id, dashboard) references cairn.dashboards on delete cascade,
    foreign key (customer_id, report) references cairn.reports
);

create index tiles_by_report on cairn.tiles (customer_id, report);
