select cairn.lock_position($1)
