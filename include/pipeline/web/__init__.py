"""What web applications have in common: errors as problems, limits on bodies, HEAD and 405."""
