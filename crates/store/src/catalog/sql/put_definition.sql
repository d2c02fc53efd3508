insert into definitions (project, name, predicate, created_at)
values (?1, ?2, ?3, ?4)
on conflict (project, name) do update
set predicate = excluded.predicate, created_at = excluded.created_at
