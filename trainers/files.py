"""Names of the files in a run's folder that others than their writer look for."""

REPORT = "report.json"
EVENTS = "events-1.jsonl"  # of the first attempt of a job, and of a run without a service
SCRATCH = "scratch"  # a folder of what a run needs for a while; gone with the run
LETTER = "unpublished.json"  # what MLflow has not been given yet
