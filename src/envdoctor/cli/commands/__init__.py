"""The commands, one file each, listed in `envdoctor.cli.app.COMMANDS`."""
