"""The caseload: the list of its cases that a service sends before fieldwork, from the file to the candidates for the sample."""
