-- The topic of Kafka's in front of this database, if there is one: the same for ever.
alter table cairn.database add column topic_id text, add column topic_place text;

-- Each of its partitions has a number among those of all logs.
create table cairn.topic_partitions (
    topic_id text not null,
    topic_partition int not null,
    partition bigint not null unique,
    primary key (topic_id, topic_partition)
);
