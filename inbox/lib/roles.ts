/** The parts of an inbox that can run in processes of their own. */
export const ROLES = ['receive', 'work', 'page'] as const;

/** What a process does; without a role it does everything. */
export type Role = (typeof ROLES)[number];
