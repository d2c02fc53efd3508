-- Covering partial indexes for the steps of a funnel.
CREATE INDEX made_q4a_1 ON events (user_no, time) WHERE $step1;
CREATE INDEX made_q4a_2 ON events (user_no, time) WHERE $step2;
CREATE INDEX made_q4a_3 ON events (user_no, time) WHERE $step3
