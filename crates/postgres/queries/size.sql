-- What the database takes on this machine.
select pg_database_size(current_database())
