-- Version 1.0 of the extension: what is said of each function here is its contract with the planner.
-- All of it is immutable and parallel safe, so that it may stand in index predicates and run on workers. Costs are in
-- units of one LIKE, measured.

\echo Use "create extension cairn" to load this file. \quit

do $$
begin
    if current_setting('server_encoding') <> 'UTF8' then
        raise exception 'the extension cairn needs a database in UTF8, and this one is in %', current_setting('server_encoding');
    end if;
end
$$;

grant usage on schema @extschema@ to public;

create function @extschema@.funnel_events(events int[], steps int) returns int[]
    language c immutable strict parallel safe cost 2
    as 'MODULE_PATHNAME', 'funnel_events_wrapper';
comment on function @extschema@.funnel_events(int[], int) is
    'how far one user gets: position i is 1 if 1..i occur in events as a subsequence, else 0';

create function @extschema@.sum_add(state bigint[], ints int[]) returns bigint[]
    language c immutable parallel safe
    as 'MODULE_PATHNAME', 'sum_add_wrapper';
create function @extschema@.sum_combine(state bigint[], other bigint[]) returns bigint[]
    language c immutable strict parallel safe
    as 'MODULE_PATHNAME', 'sum_combine_wrapper';
-- The state is an array, not `internal`, so that Citus can carry it from workers. It is the result, too: of nothing, NULL.
create aggregate @extschema@.sum(int[]) (
    sfunc = @extschema@.sum_add,
    stype = bigint[],
    combinefunc = @extschema@.sum_combine,
    parallel = safe
);
comment on aggregate @extschema@.sum(int[]) is
    'arrays added up place by place; the longer one''s tail counts, NULL counts nothing';

create function @extschema@.chain_matches_v1(chain text, selector text) returns boolean
    language c immutable strict parallel safe cost 5
    as 'MODULE_PATHNAME', 'chain_matches_v1_wrapper';
comment on function @extschema@.chain_matches_v1(text, text) is
    'whether the last element of an element chain matches a CSS selector, by version 1 of Cairn''s matcher';

create function @extschema@.regex_matches_v1(value text, pattern text) returns boolean
    language c immutable strict parallel safe
    as 'MODULE_PATHNAME', 'regex_matches_v1_wrapper';
comment on function @extschema@.regex_matches_v1(text, text) is
    'whether a text has a match of a pattern, by version 1 of Cairn''s matcher';

create function @extschema@.glob_matches_v1(value text, glob text) returns boolean
    language c immutable strict parallel safe
    as 'MODULE_PATHNAME', 'glob_matches_v1_wrapper';
comment on function @extschema@.glob_matches_v1(text, text) is
    'whether a whole text matches a glob (* any run, ? one character), by version 1 of Cairn''s matcher';

-- What is asked of one person's events, gathered in any order for analyse_v1. Its state is its result, bytes that need no more than copying.
create function @extschema@.events_v1_add(
    state bytea, "time" bigint, event_id bigint, original_user_id bigint, matches bigint, keys text[], number float8, session text, holds text[]
) returns bytea
    language c immutable parallel safe
    as 'MODULE_PATHNAME', 'events_v1_add_wrapper';
create function @extschema@.events_v1_combine(state bytea, other bytea) returns bytea
    language c immutable strict parallel safe
    as 'MODULE_PATHNAME', 'events_v1_combine_wrapper';
create aggregate @extschema@.events_v1(
    "time" bigint, event_id bigint, original_user_id bigint, matches bigint, keys text[], number float8, session text, holds text[]
) (
    sfunc = @extschema@.events_v1_add,
    stype = bytea,
    sspace = 512,
    combinefunc = @extschema@.events_v1_combine,
    parallel = safe
);
comment on aggregate @extschema@.events_v1(bigint, bigint, bigint, bigint, text[], float8, text, text[]) is
    'a person''s events for analyse_v1: time, ids, the bits of the question''s events that match, and what else the question asks for, as JSON';

create function @extschema@.event_v1(
    "time" bigint, event_id bigint, original_user_id bigint, matches bigint, keys text[], number float8, session text, holds text[]
) returns bytea
    language c immutable parallel safe
    as 'MODULE_PATHNAME', 'event_v1_wrapper';
comment on function @extschema@.event_v1(bigint, bigint, bigint, bigint, text[], float8, text, text[]) is
    'one event for analyse_v1, where it does not matter whose events they are';

create function @extschema@.analyse_v1_add(state bytea, question text, events bytea) returns bytea
    language c immutable parallel safe
    as 'MODULE_PATHNAME', 'analyse_v1_add_wrapper';
create function @extschema@.analyse_v1_combine(state bytea, other bytea) returns bytea
    language c immutable strict parallel safe
    as 'MODULE_PATHNAME', 'analyse_v1_combine_wrapper';
-- A bytea outside, and a worker in memory while the aggregate goes on. It is what Citus and parallel plans carry, and what the server finishes.
create aggregate @extschema@.analyse_v1(question text, events bytea) (
    sfunc = @extschema@.analyse_v1_add,
    stype = bytea,
    combinefunc = @extschema@.analyse_v1_combine,
    parallel = safe
);
comment on aggregate @extschema@.analyse_v1(text, bytea) is
    'what the kernel of a question finds in persons'' events, in bytes that the server makes an answer of';
