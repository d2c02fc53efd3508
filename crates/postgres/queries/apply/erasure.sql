select cairn.apply_erasure($1, $2, $3, $4)
