"""People, roles and sign-in: who may."""
