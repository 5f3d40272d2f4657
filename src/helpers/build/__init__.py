"""The build: environment, content keys, tasks, notebook execution, command line. Knows everything below."""
