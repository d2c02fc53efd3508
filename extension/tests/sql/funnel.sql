create extension cairn;
set search_path = public, cairn_ext;

-- The three examples of the talk.
select funnel_events('{1, 2, 3}', 3);
select funnel_events('{1, 3, 2, 2, 2}', 3);
select funnel_events('{1}', 3);

-- Its funnel query. Users 1 and 2 get to the second step, user 3 has the steps in the wrong order, user 4 has only the second.
create table events (customer_id bigint, user_id bigint, event_id bigint, time bigint, data jsonb);
insert into events values
    (135, 1, 1, 1412319600001, '{"action": "view_page", "path": "/item_detail"}'),
    (135, 1, 2, 1412319600002, '{"action": "view_page", "path": "/item_detail"}'),
    (135, 1, 3, 1412319600003, '{"action": "click", "css_hierarchy": "html body div.checkout_modal form a.btn", "target_text": "Confirm Order"}'),
    (135, 2, 1, 1412319600004, '{"action": "view_page", "path": "/item_detail"}'),
    (135, 2, 2, 1412319600005, '{"action": "click", "css_hierarchy": "html body div.checkout_modal a.btn", "target_text": "Confirm Order"}'),
    (135, 3, 1, 1412319600006, '{"action": "click", "css_hierarchy": "html body div.checkout_modal a.btn", "target_text": "Confirm Order"}'),
    (135, 3, 2, 1412319600007, '{"action": "view_page", "path": "/item_detail"}'),
    (135, 4, 1, 1412319600008, '{"action": "click", "css_hierarchy": "html body div.checkout_modal a.btn", "target_text": "Confirm Order"}'),
    (136, 5, 1, 1412319600009, '{"action": "view_page", "path": "/item_detail"}');
select sum(funnel_events(events, 2)) as funnel_results
from (
    select array_agg(event order by time) as events
    from (
        (
            select customer_id, user_id, 1 as event, time
            from events
            where
                customer_id = 135 and
                time between 1412319600000 and 1412924400000 and
                (data ->> 'action') = 'view_page' and
                (data ->> 'path') = '/item_detail'
        )
        union
        (
            select customer_id, user_id, 2 as event, time
            from events
            where
                customer_id = 135 and
                time between 1412319600000 and 1412924400000 and
                (data ->> 'action') = 'click' and
                (data ->> 'css_hierarchy') like '%div.checkout_modal%a.btn' and
                (data ->> 'target_text') = 'Confirm Order'
        )
    ) t
    group by customer_id, user_id
) u;

-- An empty array, none of the steps, numbers that are no step.
select funnel_events('{}', 2), funnel_events('{2, 2}', 2), funnel_events('{0, -1, 1, 7, -2147483648, 2147483647, 2}', 2);
-- NULL in an array is no step; subscripts may begin anywhere.
select funnel_events('{NULL, 1, NULL, 2, NULL}', 3), funnel_events('[5:7]={1, 2, 3}', 3);
select funnel_events(NULL, 3), funnel_events('{1}', NULL);
-- Arrays as rows hold them: with a short header, compressed, and out of line.
create table kept (id int, events int[]);
insert into kept values
    (1, '{1, 2}'),
    (2, array_fill(1, array[10000]) || 2),
    (3, (select array_agg(i * 7919 % 1000003 order by i) from generate_series(10, 5000) i) || '{1, 3, 2, 3}');
alter table kept alter events set storage external;
insert into kept select id + 3, events || '{}'::int[] from kept;
select id, pg_column_size(events) < 100 as short, funnel_events(events, 4) from kept order by id;
-- As many steps as there may be.
select cardinality(f), f[1024] from funnel_events((select array_agg(i) from generate_series(1, 1024) i), 1024) f;

-- What is refused.
select funnel_events('{1}', 0);
select funnel_events('{1}', -1);
select funnel_events('{1}', 1025);
select funnel_events('{1}', 2147483647);
select funnel_events('{{1, 2}, {3, 4}}', 2);
select funnel_events('{3000000000}', 2);
