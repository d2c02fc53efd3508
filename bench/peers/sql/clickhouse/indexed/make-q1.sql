-- A table of one definition's events.
CREATE TABLE $made (user_id UInt64 CODEC(Delta, ZSTD(1)), time UInt64 CODEC(Delta, LZ4), day UInt16)
ENGINE = MergeTree ORDER BY (user_id, time)
AS SELECT user_id, time, day FROM $events WHERE $definition
