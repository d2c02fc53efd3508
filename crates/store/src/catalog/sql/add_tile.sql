insert into tiles (project, dashboard, place, report, width)
values (?1, ?2, ?3, ?4, ?5)
