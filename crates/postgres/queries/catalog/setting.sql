-- A setting.
select value from cairn.settings where name = $1
