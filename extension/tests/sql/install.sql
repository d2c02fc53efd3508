-- Whoever may create schemas in a database may create the extension; others may then use it.
create role maker login;
create role reader login;
create role nobody login;
grant create on database install to maker;
\c - nobody
create extension cairn;
\c - maker
create extension cairn;
\c - reader
select cairn_ext.funnel_events('{1}', 1);
create function cairn_ext.mine() returns int language sql return 1;
\c - postgres
\dx cairn
-- What it promises: (i)mmutable, parallel (s)afe, strict, and what it costs.
select p.oid::regprocedure, provolatile, proparallel, proisstrict, procost
from pg_depend d join pg_proc p on p.oid = d.objid
where d.classid = 'pg_proc'::regclass and d.refobjid = (select oid from pg_extension where extname = 'cairn')
order by p.proname;

-- A panic is an error of the query; the backend goes on.
select pg_backend_pid() as before \gset
create function not_strict(text, text) returns boolean language c as '$libdir/cairn', 'chain_matches_v1_wrapper';
create function not_strict(int[], int) returns int[] language c as '$libdir/cairn', 'funnel_events_wrapper';
select not_strict(NULL::text, 'a');
select not_strict(NULL::int[], 1);
select pg_backend_pid() = :before as same_backend;

-- Gone, with nothing left; and back.
drop extension cairn cascade;
create extension cairn;
select cairn_ext.sum(a) from (values ('{1}'::int[])) t(a);

-- Restored from a dump: the extension first, then indexes that use it.
create table events (user_id int, chain text);
insert into events select i, 'html>a.c' || i % 10 || ':1/1/1/1' from generate_series(1, 5000) i;
create index by_selector on events (user_id) where cairn_ext.chain_matches_v1(chain, '.c7');
create database restored;
\setenv PGHOST :HOST
\setenv PGPORT :PORT
\setenv PGUSER :USER
\! pg_dump install | psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 restored >/dev/null && echo restored
\c restored
vacuum analyze events;
explain (costs off) select count(*) from events where cairn_ext.chain_matches_v1(chain, '.c7');
select count(*) from events where cairn_ext.chain_matches_v1(chain, '.c7');

-- Only where text is UTF-8.
create database latin encoding 'LATIN1' template template0;
\c latin
create extension cairn;
