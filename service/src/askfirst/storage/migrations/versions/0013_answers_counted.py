"""decisions counted by what they say on the whole: all, some or none."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What is stored is counted as the sequencer counts from now on. What was forgotten since is counted still, and of that
# nothing is known but how it was answered: the rest of each hour's methods goes by those.
_FILL = """
INSERT INTO rollup (log_id, site_key, hour, dimension, value, count)
SELECT log_id, site_key, hour, 'answer', said, SUM(decisions)
FROM (
  SELECT log_id, site_key, server_time / 3600000 AS hour,
    CASE WHEN granted = '' THEN 'none' WHEN refused = '' THEN 'all' ELSE 'some' END AS said,
    1 AS decisions
  FROM record
  WHERE EXISTS (SELECT 1 FROM leaf WHERE leaf.log_id = record.log_id AND leaf.entry_id = record.record_id)
  UNION ALL
  SELECT log_id, site_key, server_time / 3600000,
    CASE WHEN method IN ('reject_all', 'withdraw') THEN 'none' WHEN method = 'accept_all' THEN 'all' ELSE 'some' END,
    -1
  FROM record
  WHERE EXISTS (SELECT 1 FROM leaf WHERE leaf.log_id = record.log_id AND leaf.entry_id = record.record_id)
  UNION ALL
  SELECT log_id, site_key, hour,
    CASE WHEN value IN ('reject_all', 'withdraw') THEN 'none' WHEN value = 'accept_all' THEN 'all' ELSE 'some' END,
    count
  FROM rollup
  WHERE dimension = 'method'
) AS counted
GROUP BY log_id, site_key, hour, said
HAVING SUM(decisions) > 0
"""


def upgrade() -> None:
    op.execute(_FILL)


def downgrade() -> None:
    op.execute("DELETE FROM rollup WHERE dimension = 'answer'")
