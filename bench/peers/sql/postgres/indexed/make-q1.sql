-- A covering partial index for one definition.
CREATE INDEX $made ON events (user_no, time) WHERE $definition
