"""The post, on a real mail server of its own."""
