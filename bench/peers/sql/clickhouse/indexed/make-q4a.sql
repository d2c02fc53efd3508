-- A table of a funnel's steps.
CREATE TABLE made_q4a (user_id UInt64 CODEC(Delta, ZSTD(1)), time UInt64 CODEC(Delta, LZ4), step UInt8)
ENGINE = MergeTree ORDER BY (user_id, time)
AS SELECT user_id, time, 1 AS step FROM $events WHERE $step1
UNION ALL SELECT user_id, time, 2 FROM $events WHERE $step2
UNION ALL SELECT user_id, time, 3 FROM $events WHERE $step3
