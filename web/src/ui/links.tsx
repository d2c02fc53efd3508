/** Mantine's button and anchor as links of the router. */
import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type Native = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'color' | 'style'> & { ref?: Ref<HTMLAnchorElement> };

export const LinkButton = createLink((props: ButtonProps & Native) => <Button component="a" {...props} />);
export const LinkAnchor = createLink((props: AnchorProps & Native) => <Anchor {...props} />);
