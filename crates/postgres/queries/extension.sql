-- Whether the extension is there, with the kernels: one that was built before has none.
select exists (
    select
    from pg_extension e
    join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.classid = 'pg_proc'::regclass
    join pg_proc p on p.oid = d.objid
    join pg_namespace n on n.oid = p.pronamespace
    where e.extname = 'cairn' and n.nspname = 'cairn_ext' and p.proname = 'analyse_v1'
)
