"""Real programs that sign people in, beside this server: Auth.js, and an OpenID provider."""
