"""What a worker process needs to fit, imported before there is work: see cluster/warm.py."""

from trainers import fits as fits
from trainers import objective as objective
from tuning import search as search
