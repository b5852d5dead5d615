"""What tests of every room share: people, servers, stand-ins for providers, mail and Redis."""
