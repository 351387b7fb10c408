"""Pictures of policies (the `Renderings` of usecases.renderings)."""

from sqlalchemy import ColumnElement, Engine, select

from askfirst.storage import tables as t
from askfirst.usecases.altered_values import as_bytes
from askfirst.usecases.rows import RenderingRow


class SqlRenderings:
    """Pictures in SQL. They are stored with the change that they are of (storage.catalogue)."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine; nothing is opened yet."""
        self._engine = engine

    def of_policy(self, log_id: int, site_key: str, policy: bytes) -> list[RenderingRow]:
        """Return the renderings of a policy, newest first."""
        return self._rows(
            t.rendering.c.log_id == log_id, t.rendering.c.site_key == site_key, t.rendering.c.policy == policy
        )

    def rendering(self, log_id: int, digest: bytes) -> RenderingRow | None:
        """Return one rendering by its digest."""
        return next(iter(self._rows(t.rendering.c.log_id == log_id, t.rendering.c.digest == digest)), None)

    def picture(self, log_id: int, digest: bytes) -> bytes | None:
        """Return one picture, a PNG, by its digest."""
        query = select(t.picture.c.image).where(t.picture.c.log_id == log_id, t.picture.c.digest == digest)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar_one_or_none()
        return None if found is None else as_bytes(found)

    def _rows(self, *where: ColumnElement[bool]) -> list[RenderingRow]:
        query = select(t.rendering).where(*where).order_by(t.rendering.c.rendered_at.desc(), t.rendering.c.digest)
        with self._engine.connect() as connection:
            return [
                RenderingRow(**{**row, **{name: as_bytes(row[name]) for name in ("digest", "policy", "manifest")}})
                for row in connection.execute(query).mappings()
            ]
