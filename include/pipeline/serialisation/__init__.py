"""Documents: parsed, audited, and only then turned into objects. Nothing is unpickled or imported by name."""
