"""How fast Tocsin is, measured from outside: whole pages over HTTP, on a data set that is the same every time."""
