/** Mantine's button and anchor as links of the router. */
import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';
import { personId, type Whose } from '../model/person';

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'color' | 'style'> & { ref?: Ref<HTMLAnchorElement> };

export const LinkButton = createLink((props: ButtonProps & Native) => <Button component="a" {...props} />);
export const LinkAnchor = createLink((props: AnchorProps & Native) => <Anchor {...props} />);

/** Where a person's page is: `<LinkAnchor {...userLink(person)}>`. Takes people as answers have them. */
export const userLink = (person: Whose) => ({ to: '/users/$id', params: { id: personId(person) } }) as const;
