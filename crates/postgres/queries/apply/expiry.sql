select cairn.apply_expiry($1, $2, $3)
