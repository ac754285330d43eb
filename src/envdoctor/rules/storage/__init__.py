"""Rules about disks and folders."""
