"""What runs on this machine without an installation: embedded Postgres, services, ports, the home folder."""
