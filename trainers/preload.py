"""What a worker process needs, imported before there is work: see cluster/warm.py."""

import os

# Processes of a fit on several workers (families/distributed.py) import Ray Train instead, and that takes as long.
if "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S" not in os.environ:
    from trainers import fits as fits
    from trainers import objective as objective
    from tuning import search as search
