"""`python -m pipeline`: the command line, with the interpreter that runs this."""

from pipeline.cli.app import main

if __name__ == "__main__":
    main()
