"""Documents: parsed, audited, and only then made into something. Nothing is unpickled or imported by name."""
