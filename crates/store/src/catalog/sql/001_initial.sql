create table projects (
    id         integer primary key autoincrement,
    name       text not null,
    zone       text not null,
    write_key  text not null unique,
    created_at integer not null
) strict;

create table definitions (
    project    integer not null references projects (id),
    name       text not null,
    predicate  text not null,
    created_at integer not null,
    primary key (project, name)
) strict, without rowid;

create table settings (
    name  text primary key,
    value blob not null
) strict, without rowid;
