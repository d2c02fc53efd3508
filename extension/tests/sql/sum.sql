create extension cairn;
set search_path = public, cairn_ext;

select sum(a), pg_typeof(sum(a)) from (values ('{1, 1, 1}'::int[]), ('{1, 1, 0}'), ('{1, 0, 0}')) t(a);
-- The longer one's tail counts, wherever it comes.
select sum(a order by n) from (values (1, '{1}'::int[]), (2, '{10, 20, 30}'), (3, '{100, 200}'), (4, '{}')) t(n, a);
-- NULL arrays are skipped, NULL elements add nothing, subscripts may begin anywhere.
select sum(a) from (values (NULL::int[]), ('{1, 2}'), (NULL), ('{NULL, 5, NULL}'), ('[0:1]={100, 100}')) t(a);
-- Of nothing: NULL. Of empty arrays: an empty one.
select sum(a) from (select '{1}'::int[] where false) t(a);
select sum(a) from (values (NULL::int[]), (NULL)) t(a);
select sum(a) from (values ('{}'::int[]), ('{}')) t(a);
-- Beyond what an int holds.
select sum(array[2147483647, -2147483648]) from generate_series(1, 5);
-- The other sums are what they were.
select sum(1), sum(1::bigint), sum(1.5), sum(interval '1 hour');

-- Groups, grouping sets, filters, distinct, windows: each has a state of its own.
create table t (k int, a int[]);
insert into t select i % 3, array_fill(i, array[i % 4]) from generate_series(1, 12) i;
select k, sum(a), sum(a) filter (where a[1] > 6) as late, sum(distinct a) = sum(a) as same from t group by k order by k;
select k, sum(a) from t group by grouping sets ((k), ()) order by k;
select i, sum(array[i, 1]) over (order by i), sum(array[i, 1]) over (order by i rows between 1 preceding and current row) as two
from generate_series(1, 5) i;

-- Called by hand, a step leaves its argument alone: here it lies in the table's own page.
create table states (s bigint[]);
insert into states values (array_fill(1::bigint, array[30]));
select (sum_add(s, '{1, 1}'))[1:3] as added, (sum_combine(s, '{2}'))[1:3] as combined, s[1:3] from states;
select s[1:3] from states;
-- And an aggregate leaves what it combines alone.
create aggregate sums(bigint[]) (sfunc = sum_combine, stype = bigint[], initcond = '{}');
insert into states select s from states;
select (sums(s))[1:3] from states;
select s[1:3] from states;
select sum_add(NULL, '{1}'), sum_add('{1}', NULL), sum_add(NULL, NULL), sum_add('{1, NULL}', '{1, 1}');
select sum_combine('{1}', '{1, 2}'), sum_combine(NULL, '{1}'), sum_combine('{}', '{}');

-- What is refused.
select sum_add('{1, 9223372036854775807}', '{1, 1}');
select sum_combine('{-9223372036854775808}', '{-1}');
select sum(a) from (values ('{{1, 2}, {3, 4}}'::int[])) t(a);
select sum_combine('{{1}}', '{1}');
