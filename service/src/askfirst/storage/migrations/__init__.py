"""Alembic migrations, run by `askfirst migrate` and refused around by `serve`."""
