"""What lies behind the answers: factors, and how reliably a scale measures."""
