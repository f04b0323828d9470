"""Who signs people in for us: providers of identities over OAuth 2 and OpenID Connect. Knows no sockets and no SQL."""
