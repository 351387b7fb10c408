"""The console: pages for people who read records all day."""
