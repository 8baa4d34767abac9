"""The command line. Its modules import nothing heavy until a command runs, so that `--help` answers at once."""
