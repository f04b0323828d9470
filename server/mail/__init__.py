"""Mails on their way out: the port, SMTP behind it, and what development shows instead."""
