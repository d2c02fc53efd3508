create table lists (
    project    integer not null references projects (id),
    name       text not null,
    size       integer not null,
    people     text not null,
    created_at integer not null,
    primary key (project, name)
) strict;
