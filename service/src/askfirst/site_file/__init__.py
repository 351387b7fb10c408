"""Site files: what an operator writes, in YAML or JSON, and the whole draft that becomes of it."""

from askfirst.site_file.reading import FileFault, Form, SiteFile, read_site_file
from askfirst.site_file.schema import site_file_schema

__all__ = ["FileFault", "Form", "SiteFile", "read_site_file", "site_file_schema"]
