-- Whether the extension is there, with all functions that queries name. Their versions are in their names.
select exists (
    select from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'cairn' and n.nspname = 'cairn_ext'
) and 6 = (
    select count(distinct p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'cairn_ext' and p.proname in (
        'chain_matches_v1', 'regex_matches_v1', 'glob_matches_v1', 'event_v1', 'events_v1', 'analyse_v1')
)
