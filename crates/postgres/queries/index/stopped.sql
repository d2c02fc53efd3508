-- Whoever builds stops: what it was at counts as no try.
update cairn.definition_indexes set state = 'wanted' where customer_id = $1 and name = $2 and state = 'building'
