-- Whether the problem is ours and how far it reaches (R33, R34): JSON, as the record has it.
ALTER TABLE calls ADD COLUMN assessed TEXT;
