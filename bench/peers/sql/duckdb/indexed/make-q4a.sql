-- A table of a funnel's steps.
CREATE TABLE made_q4a AS
SELECT user_no, time, 1 AS step FROM events WHERE $step1
UNION ALL SELECT user_no, time, 2 FROM events WHERE $step2
UNION ALL SELECT user_no, time, 3 FROM events WHERE $step3
ORDER BY user_no, time
