select cairn.apply_facts($1, $2, $3, $4, $5, $6, $7, $8)
