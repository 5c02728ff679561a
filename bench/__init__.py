"""What Evenhand costs, measured beside what a user would use instead. `make bench` prints it; docs/measured.md explains it."""
