"""Published standards as versioned documents, read into frozen values. Imports no Django."""
