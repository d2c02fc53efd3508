-- The database follows this topic from now on.
update cairn.database set topic_id = $1, topic_place = $2
