import { Skeleton, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSeen, type Profile } from '../../api/people';
import { number, safeHref, valueText } from '../../model/format';
import type { PersonRef } from '../../model/person';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkAnchor } from '../../ui/links';
import { Card } from '../../ui/Page';
import { When } from '../../ui/When';
import classes from './user.module.css';

const t = texts.users;

export function Facts({ who, profile }: { who: PersonRef; profile: Profile }) {
  const project = useProject();
  const seen = useSeen(project.id, who);
  const time = (at: number | null | undefined) =>
    seen.isPending ? <Skeleton h={14} w={80} my={4} /> : at === null || at === undefined ? t.never : <When time={at} />;
  const properties = Object.entries(profile.person.properties).sort(([a], [b]) => a.localeCompare(b));
  return (
    <>
      <Card label={t.facts}>
        <dl className={classes.facts}>
          <Fact name={t.firstSeen}>{time(seen.data?.first)}</Fact>
          <Fact name={t.lastSeen}>{time(seen.data?.last)}</Fact>
          <Fact name={t.events}>{seen.isPending ? <Skeleton h={14} w={50} my={4} /> : number(seen.data?.events ?? 0)}</Fact>
          <Fact name={t.listsIn}>
            {profile.lists.length === 0 ? <Text span size="sm" c="dimmed">{t.noLists}</Text> : profile.lists.map((list) => (
              <LinkAnchor key={list} to="/users" search={{ list }} size="sm" className={classes.listLink}><bdi>{list}</bdi></LinkAnchor>
            ))}
          </Fact>
        </dl>
      </Card>
      <Card label={t.properties}>
        <Title order={2} size="h5" mb="xs">{t.properties}</Title>
        {properties.length === 0 ? <Text size="sm" c="dimmed">{t.noProperties}</Text> : (
          <dl className={classes.facts}>
            {properties.map(([name, value]) => {
              const href = safeHref(value);
              return (
                <Fact key={name} name={<bdi>{name}</bdi>}>
                  {href === null ? <bdi>{valueText(value)}</bdi>
                    : <a href={href} target="_blank" rel="noopener noreferrer nofollow">{valueText(value)}</a>}
                </Fact>
              );
            })}
          </dl>
        )}
      </Card>
    </>
  );
}

function Fact({ name, children }: { name: ReactNode; children: ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
