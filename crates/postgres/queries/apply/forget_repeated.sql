update cairn.ledger set accepted = accepted - duplicate, duplicate = 0
where customer_id = $1 and partition = $2 and duplicate <> 0
