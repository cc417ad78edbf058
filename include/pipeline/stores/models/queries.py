"""Every query to the stored models."""

from typing import Final

LOCK_LABEL: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(label)s, 0))"

# Held to the end: either the model is stored and its run is closed after, or the run is closed and it is not stored.
HOLD_DEFINITION: Final = """
SELECT state FROM definitions WHERE run_id = %(run_id)s AND label = %(label)s FOR NO KEY UPDATE
"""

# A version is given once: a second try of the same run and label keeps the first one's.
UPSERT_MODEL: Final = """
INSERT INTO models (label, version, run_id, definition, document, binary_document, adapter_sha256, document_sha256,
    size_bytes, scores, testing_set, answers, lineage, step_seconds, training_seconds)
SELECT %(label)s, coalesce(max(version), 0) + 1, %(run_id)s, %(definition)s, %(document)s, %(binary_document)s,
    %(adapter_sha256)s, %(document_sha256)s, %(size_bytes)s, %(scores)s, %(testing_set)s, %(answers)s, %(lineage)s,
    %(step_seconds)s, %(training_seconds)s
FROM models WHERE label = %(label)s
ON CONFLICT (run_id, label) DO UPDATE SET document = EXCLUDED.document, binary_document = EXCLUDED.binary_document,
    adapter_sha256 = EXCLUDED.adapter_sha256, size_bytes = EXCLUDED.size_bytes,
    document_sha256 = EXCLUDED.document_sha256, scores = EXCLUDED.scores, testing_set = EXCLUDED.testing_set,
    answers = EXCLUDED.answers, lineage = EXCLUDED.lineage, step_seconds = EXCLUDED.step_seconds,
    training_seconds = EXCLUDED.training_seconds
RETURNING model_id, version
"""

# What was announced is no longer what is stored when a definition was cleared and trained on other examples.
FIND_OUTDATED_NOTIFICATION: Final = """
SELECT notification_id FROM notifications JOIN models USING (model_id)
WHERE models.run_id = %(run_id)s AND models.label = %(label)s
    AND (models.document_sha256 <> %(document_sha256)s OR models.scores <> %(scores)s)
"""

HAS_TESTING_SET: Final = "SELECT FROM testing_sets WHERE sha256 = %(sha256)s"
INSERT_TESTING_SET: Final = """
INSERT INTO testing_sets (sha256, examples, truths) VALUES (%(sha256)s, %(examples)s, %(truths)s)
ON CONFLICT (sha256) DO NOTHING
"""

# Whoever stores an adapter or takes one away holds its lock; two are always taken in the same order.
SELECT_ADAPTER: Final = "SELECT adapter_sha256 FROM models WHERE run_id = %(run_id)s AND label = %(label)s"
LOCK_ADAPTER: Final = "SELECT pg_advisory_xact_lock(hashtextextended('adapter ' || encode(%(sha256)s, 'hex'), 0))"

# Whether what is stored is what it is known by: a document that was changed or damaged is stored anew.
IS_ADAPTER_WHOLE: Final = """
SELECT sha256(coalesce(binary_document, convert_to(document, 'UTF8'))) = sha256 FROM adapter_documents
WHERE sha256 = %(sha256)s
"""
STORE_ADAPTER: Final = """
INSERT INTO adapter_documents (sha256, document, binary_document, size_bytes)
VALUES (%(sha256)s, %(document)s, %(binary_document)s, %(size_bytes)s)
ON CONFLICT (sha256) DO UPDATE SET document = EXCLUDED.document, binary_document = EXCLUDED.binary_document,
    size_bytes = EXCLUDED.size_bytes
"""
DELETE_UNUSED_ADAPTER: Final = """
DELETE FROM adapter_documents
WHERE sha256 = %(sha256)s AND NOT EXISTS (SELECT FROM models WHERE adapter_sha256 = %(sha256)s)
"""

MARK_TRAINED: Final = """
UPDATE definitions SET state = 'trained', ended_at = now(), error = NULL
WHERE run_id = %(run_id)s AND label = %(label)s
"""

# Models of one testing set stand together, those of the newest first: no others can be ranked among each other.
SELECT_MODELS: Final = """
SELECT label, version, run_id, accuracy, macro_f1, accuracy_interval, baseline_accuracy, gain, marks, testing_set,
    training_seconds, size_bytes, created_at
FROM (
    SELECT *, max(created_at) OVER (PARTITION BY tested_on) AS newest FROM listed_models
    WHERE %(run_id)s::text IS NULL OR run_id = %(run_id)s
) AS models
ORDER BY newest DESC, tested_on, accuracy DESC, macro_f1 DESC, label, version DESC LIMIT %(limit)s
"""

SELECT_MODEL: Final = """
SELECT listed.label, listed.version, listed.run_id, listed.definition, listed.size_bytes, listed.created_at,
    listed.training_seconds, listed.accuracy, listed.macro_f1, accuracy_interval, gain, marks, listed.testing_set,
    aliases, scores, lineage, step_seconds, encode(document_sha256, 'hex') AS document_sha256,
    CASE WHEN models.binary_document IS NULL THEN 'json' ELSE 'binary' END AS encoding,
    adapter_documents.size_bytes AS adapter_size_bytes,
    (SELECT count(*) FROM models AS sharing WHERE sharing.adapter_sha256 = models.adapter_sha256) AS adapter_shared_by,
    notifications.created_at AS noted_at, notifications.published_at, map_index
FROM models
JOIN listed_models AS listed USING (model_id)
JOIN definitions ON definitions.run_id = models.run_id AND definitions.label = models.label
LEFT JOIN adapter_documents ON adapter_documents.sha256 = adapter_sha256
LEFT JOIN notifications USING (model_id)
WHERE models.label = %(label)s AND (%(version)s::integer IS NULL OR models.version = %(version)s)
ORDER BY models.version DESC LIMIT 1
"""

LIST_MODELS: Final = """
SELECT label, version, run_id, accuracy, macro_f1, accuracy_interval, gain, marks, testing_set, training_seconds,
    size_bytes, created_at, aliases, total
FROM (
    SELECT *, count(*) OVER () AS total FROM listed_models
    WHERE (%(run_id)s::text IS NULL OR run_id = %(run_id)s) AND (%(label)s::text IS NULL OR label = %(label)s)
    ORDER BY created_at DESC, model_id DESC LIMIT %(limit)s OFFSET %(offset)s
) AS models
ORDER BY created_at DESC, model_id DESC
"""

SELECT_ANSWERS: Final = """
SELECT label, version, examples, truths, answers
FROM unnest(%(labels)s::text[], %(versions)s::integer[]) AS wanted (label, version)
JOIN models USING (label, version) JOIN testing_sets ON testing_sets.sha256 = testing_set
"""

SELECT_DOCUMENT: Final = """
SELECT label, version, document_sha256, adapter_sha256, models.document, models.binary_document,
    adapter_documents.document, adapter_documents.binary_document
FROM models LEFT JOIN adapter_documents ON adapter_documents.sha256 = adapter_sha256
WHERE label = %(label)s AND (%(version)s::integer IS NULL OR version = %(version)s)
ORDER BY version DESC LIMIT 1
"""

# Whatever the version of the code: the same recipe, seed and examples.
FIND_STORED: Final = """
SELECT DISTINCT ON (label) label, model_id
FROM unnest(%(labels)s::text[], %(digests)s::text[]) AS wanted (label, digest)
JOIN models USING (label)
WHERE lineage #>> '{examples,digest}' = digest AND (lineage ->> 'seed')::bigint = %(seed)s
ORDER BY label, version DESC
"""

# Seconds for each example, training and testing together; the median, for one slow machine must not decide.
SELECT_TIMINGS: Final = """
SELECT definition #>> '{adapter,name}', definition #>> '{model,name}', count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY training_seconds / (
        (lineage #>> '{examples,training,count}')::integer + (lineage #>> '{examples,testing,count}')::integer
    ))
FROM models GROUP BY 1, 2
"""

SELECT_TIMINGS_OF_LABELS: Final = """
SELECT DISTINCT ON (label) label, training_seconds / (
    (lineage #>> '{examples,training,count}')::integer + (lineage #>> '{examples,testing,count}')::integer
)
FROM models WHERE label = ANY(%(labels)s) ORDER BY label, version DESC
"""
