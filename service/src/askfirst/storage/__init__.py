"""SQLAlchemy tables, migrations, the writer and the queries."""
