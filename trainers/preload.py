"""What a worker process needs, imported before there is work: see cluster/warm.py."""

import os

# Processes of a fit on several workers (families/distributed.py) import Ray Train when they start; torch imported here would take
# threads for the whole machine, since Ray says how many only later.
if "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S" not in os.environ:
    from trainers import fits as fits
    from trainers import objective as objective
    from tuning import search as search
