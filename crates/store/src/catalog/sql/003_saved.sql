alter table projects add column retention_days integer;
alter table projects add column masks text not null default '[]';

create table former_keys (
    key         text primary key,
    project     integer not null references projects (id),
    replaced_at integer not null
) strict, without rowid;

create table definition_versions (
    project    integer not null,
    name       text not null,
    version    integer not null,
    predicate  text not null,
    created_at integer not null,
    primary key (project, name, version),
    foreign key (project, name) references definitions (project, name) on delete cascade on update cascade
) strict, without rowid;

insert into definition_versions (project, name, version, predicate, created_at)
select project, name, 1, predicate, created_at from definitions;

create table reports (
    id         integer primary key autoincrement,
    project    integer not null references projects (id),
    name       text not null,
    kind       text not null,
    state      text not null,
    created_at integer not null,
    changed_at integer not null,
    unique (project, name),
    unique (project, id)
) strict;

create table dashboards (
    id         integer primary key autoincrement,
    project    integer not null references projects (id),
    name       text not null,
    created_at integer not null,
    changed_at integer not null,
    unique (project, name),
    unique (project, id)
) strict;

create table tiles (
    project   integer not null,
    dashboard integer not null,
    place     integer not null,
    report    integer not null,
    width     integer not null,
    primary key (project, dashboard, place),
    foreign key (project, dashboard) references dashboards (project, id) on delete cascade,
    foreign key (project, report) references reports (project, id)
) strict, without rowid;

create index tiles_by_report on tiles (project, report);
