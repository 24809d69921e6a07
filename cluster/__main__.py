"""Starts a Ray on this machine with dashboard and Jobs API, says how to use it, and ends it on Ctrl-C: ``python -m cluster``."""

import argparse
import os
import signal
import threading
from pathlib import Path

import ray

from cluster import session

HOW = """\
Ray is ready at {address}, for who has the token in {token}.

  dashboard          {dashboard}
  run a spec on it   export RAY_AUTH_MODE=token RAY_API_SERVER_ADDRESS={dashboard}
                     ray job submit --working-dir . -- python -m trainers examples/ai4i.yaml
  where runs lie     {runs}; the same spec goes on where it was stopped
  the service on it  RAY_ADDRESS={address} make up

Ctrl-C ends it, with everything that runs on it."""


def main() -> None:
    """Runs until it is told to end."""
    parser = argparse.ArgumentParser(prog="python -m cluster", description=__doc__)
    parser.add_argument("--state", type=Path, default=Path("state/cluster"), help="folder for its record and for runs")
    parser.add_argument("--num-cpus", type=int, help="CPUs; by default all of the machine")
    options = parser.parse_args()
    state: Path = options.state.resolve()
    runs = os.environ.setdefault("TRAINWRIGHT_RUNS", str(state / "runs"))  # jobs of this cluster inherit it
    here = session.connect(None, state, options.num_cpus, dashboard=True, preload="trainers.preload")
    try:
        dashboard = f"http://{ray._private.worker.get_dashboard_url()}"
        token = os.environ.get("RAY_AUTH_TOKEN_PATH", "~/.ray/auth_token")
        print(HOW.format(address=here.address, dashboard=dashboard, token=token, runs=runs), flush=True)
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ended.set())
        ended.wait()
    finally:
        here.stop()


if __name__ == "__main__":
    main()
