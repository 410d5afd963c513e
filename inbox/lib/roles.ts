/** The parts of an inbox that can run as separate processes. */
export const ROLES = ['receive', 'work', 'page'] as const;

/** The part that a process runs; without a role it runs all of them. */
export type Role = (typeof ROLES)[number];
