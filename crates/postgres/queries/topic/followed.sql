-- Which topic the database follows, if any. Whoever is to change it waits.
select topic_id, topic_place from cairn.database for update
