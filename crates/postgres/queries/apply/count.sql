select cairn.count($1, $2, $3, 0, 0, $4, 0, 0)
