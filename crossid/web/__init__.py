"""Web: room is kept for a local page on which people are reviewed; nothing is built here yet."""
