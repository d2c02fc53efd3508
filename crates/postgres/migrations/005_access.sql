-- Who else may read. The role that owns the tables is the server's; it is not subject to these policies.
alter table cairn.users enable row level security;
alter table cairn.events enable row level security;

-- Lets a role read the users and events of one project. It can be called for several projects, and again.
create function cairn.let_read(reader name, project bigint) returns void
    language plpgsql as $$
declare
    policy name := 'read_' || project || '_by_' || reader;
    of_table name;
begin
    execute format('grant usage on schema cairn to %I', reader);
    foreach of_table in array array['users', 'events'] loop
        execute format('grant select on cairn.%I to %I', of_table, reader);
        execute format('drop policy if exists %I on cairn.%I', policy, of_table);
        execute format('create policy %I on cairn.%I for select to %I using (customer_id = %s)',
            policy, of_table, reader, project);
    end loop;
end $$;

-- Takes that back.
create function cairn.stop_reading(reader name, project bigint) returns void
    language plpgsql as $$
declare
    policy name := 'read_' || project || '_by_' || reader;
    of_table name;
begin
    foreach of_table in array array['users', 'events'] loop
        execute format('drop policy if exists %I on cairn.%I', policy, of_table);
    end loop;
end $$;
