"""`pipeline examples …`"""

import typer

app = typer.Typer(help="Load, count and re-encrypt examples.", no_args_is_help=True)
