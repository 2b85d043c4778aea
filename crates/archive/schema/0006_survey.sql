-- What callers said of conversations (R72, R106): JSON, as the record has it; and one row for each score, for figures (R109).
ALTER TABLE calls ADD COLUMN survey TEXT;

CREATE VIEW ratings AS
SELECT calls.call, calls.survey ->> 'queue' AS queue, calls.survey ->> 'seat' AS seat, calls.survey ->> 'began' AS began,
    each.value ->> 'dimension' AS dimension, each.value ->> 'score' AS score, each.value ->> 'verdict' AS verdict
FROM calls, json_each(calls.survey, '$.ratings') AS each
WHERE calls.survey IS NOT NULL;
