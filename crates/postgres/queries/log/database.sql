-- Which database this is.
select id::text from cairn.database
