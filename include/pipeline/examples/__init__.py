"""Labelled texts: reading them from files, encrypting them, and holding them in a worker's memory."""
