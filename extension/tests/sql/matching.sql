create extension cairn;
set search_path = public, cairn_ext;

select selector, chain_matches_v1('html>body:1/1/1/1>div.checkout_modal.open:2/3/1/2>a#go.btn[href=/pay]:2/2/1/1', selector)
from unnest(array[
    'a.btn', 'div.checkout_modal a.btn', 'div > a', 'body > a', '#go[href^="/pa"]', 'a:first-child', 'a:last-child', '.btn, .no', ':not(a)'
]) selector;
-- NULL gives NULL; a text that is no chain matches nothing.
select chain_matches_v1(NULL, 'a'), chain_matches_v1('a', NULL), chain_matches_v1('', '*'), chain_matches_v1('>>', '*');
select chain_matches_v1('html>body:1/1/1/1>p.größe:1/1/1/1', '.größe');
-- Texts as rows hold them: with a short header, compressed, and out of line.
create table kept (id int, chain text);
insert into kept select 1, 'html>body:1/1/1/1>a.btn:1/1/1/1';
insert into kept select 2, 'html>body:1/1/1/1' || repeat('>div.' || repeat('wide', 12) || ':1/1/1/1', 60) || '>a.btn:1/1/1/1';
alter table kept alter chain set storage external;
insert into kept select 3, 'html>body:1/1/1/1' || string_agg('>div.' || repeat(md5(i::text), 4) || ':1/1/1/1', '') || '>a.btn:1/1/1/1' from generate_series(1, 40) i;
select id, length(chain) > pg_column_size(chain) as compressed, chain_matches_v1(chain, 'body > a.btn') as child, chain_matches_v1(chain, 'body a.btn') as below
from kept order by id;
-- A selector that cannot be answered says so in its own words, also where it is not met by a row.
select chain_matches_v1('html', 'a:hover');
select chain_matches_v1('html', 'a + b');
select chain_matches_v1('html', '[a');
select chain_matches_v1('html', '');
select chain_matches_v1('html', repeat('a', 5000));
select chain_matches_v1('html', ':unknown') from generate_series(1, 0);

-- More selectors than are kept, each twice, in turn; what was kept of an error is nothing.
select count(*) filter (where chain_matches_v1('html>body:1/1/1/1>a.c' || i % 400 || ':1/1/1/1', '.c' || i % 400)) as own,
    count(*) filter (where chain_matches_v1('html>body:1/1/1/1>a.c' || i || ':1/1/1/1', '.c' || i % 400)) as first_round
from generate_series(0, 799) i;
select chain_matches_v1('html', 'a:hover');

select value, regex_matches_v1(value, '^/item/\d+$') as regex, glob_matches_v1(value, '/item/*') as glob, glob_matches_v1(value, '/item/?') as one
from unnest(array['/item/7', '/item/77', '/items', '/item/', e'/item/7\n', 'x/item/7', '/item/ü']) value;
-- Characters that mean something to one only; upper and lower case differ unless a pattern says so.
select glob_matches_v1('a.b', 'a.b'), glob_matches_v1('axb', 'a.b'), glob_matches_v1('a(b', 'a(*'), glob_matches_v1(e'a\nb', 'a?b'), glob_matches_v1('', '*'), glob_matches_v1('', '');
select regex_matches_v1('Cart', 'cart'), regex_matches_v1('Cart', '(?i)cart'), regex_matches_v1('a', ''), regex_matches_v1('größe', 'ö\w+$');
select regex_matches_v1(NULL, 'a'), regex_matches_v1('a', NULL), glob_matches_v1(NULL, 'a'), glob_matches_v1('a', NULL);
select regex_matches_v1('a', '(');
select regex_matches_v1('a', '(a)\1');
select regex_matches_v1('a', '\pL{1000}');
select regex_matches_v1('a', repeat('(', 100000));
select glob_matches_v1('a', repeat('?', 100000));

-- A partial index for a definition: built, used, and equal to the scan.
create table events (customer_id bigint, user_id bigint, event_id bigint, time bigint, data jsonb);
insert into events
select 1, i % 500, i, i * 1000, jsonb_build_object('chain', 'html>body:1/1/1/1>a.c' || i % 100 || ':1/1/1/1', 'path', '/p/' || i % 50)
from generate_series(1, 20000) i;
insert into events values (1, 1, 20001, 1, '{}');
create index by_selector on events (customer_id, user_id, time, event_id)
    where customer_id = 1 and chain_matches_v1(data ->> 'chain', 'body > a.c7');
create index by_regex on events (customer_id, user_id, time, event_id) where customer_id = 1 and regex_matches_v1(data ->> 'path', '^/p/4\d$');
create index by_glob on events (customer_id, user_id, time, event_id) where customer_id = 1 and glob_matches_v1(data ->> 'path', '/p/3?');
create index broken on events (user_id) where chain_matches_v1(data ->> 'chain', 'a:hover');
vacuum analyze events;
explain (costs off)
select user_id, time, event_id from events where customer_id = 1 and chain_matches_v1(data ->> 'chain', 'body > a.c7');
explain (costs off)
select count(*) from events where customer_id = 1 and user_id < 10 and regex_matches_v1(data ->> 'path', '^/p/4\d$');
explain (costs off)
select count(*) from events where customer_id = 1 and user_id < 10 and glob_matches_v1(data ->> 'path', '/p/3?');
select
    count(*) filter (where chain_matches_v1(data ->> 'chain', 'body > a.c7')) as selector,
    count(*) filter (where regex_matches_v1(data ->> 'path', '^/p/4\d$')) as regex,
    count(*) filter (where glob_matches_v1(data ->> 'path', '/p/3?')) as glob
from events where customer_id = 1;
select
    (select count(*) from events where customer_id = 1 and chain_matches_v1(data ->> 'chain', 'body > a.c7')) as selector,
    (select count(*) from events where customer_id = 1 and regex_matches_v1(data ->> 'path', '^/p/4\d$')) as regex,
    (select count(*) from events where customer_id = 1 and glob_matches_v1(data ->> 'path', '/p/3?')) as glob;
-- Rows that come later are in it, too.
insert into events values (1, 1, 20002, 2, '{"chain": "html>body:1/1/1/1>a.c7:1/1/1/1"}'), (2, 1, 20003, 2, '{"chain": "html>body:1/1/1/1>a.c7:1/1/1/1"}');
select count(*) from events where customer_id = 1 and chain_matches_v1(data ->> 'chain', 'body > a.c7');
