-- A table of one definition's events.
CREATE TABLE $made AS SELECT user_no, time FROM events WHERE $definition ORDER BY user_no, time
