-- Which catalog this is: any change makes it another.
select catalog_version from cairn.database
