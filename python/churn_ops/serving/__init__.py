"""A registered forest as flat arrays that TypeScript walks, with the answers that prove the walk."""
