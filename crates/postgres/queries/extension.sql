-- Whether the extension is there, with its functions where queries name them.
select exists (
    select from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'cairn' and n.nspname = 'cairn_ext'
)
