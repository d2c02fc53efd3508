-- What is on the dashboards of a project, in order.
select dashboard, report, width from cairn.tiles where customer_id = $1 order by dashboard, place
