-- Something of a project is to be purged.
select cairn.cover($1)
