import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

type AnchorButtonProps = ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'color' | 'style'> & { ref?: Ref<HTMLAnchorElement> };

/** A link that looks like a button, with the typed `to`, `params` and `search` of the router's Link. */
export const ButtonLink = createLink((props: AnchorButtonProps) => <Button component="a" {...props} />);
