update cairn.positions set next_offset = greatest(next_offset, $2) where partition = $1
