"""The command line. Answers go to the standard output, progress and errors to the standard error.

Exit codes: 0 success, 1 an unforeseen error of the service, 2 the request was wrong, 3 the job failed, 4 the job was
cancelled, 5 the service does not answer, 130 interrupted.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

try:
    import typer
    from rich.console import Console

    from trainwright import cli_admin, render
    from trainwright.render import Format, show
    from trainwright.render_comparison import comparisons as draw_comparisons
    from trainwright.render_report import report as draw_report
except ImportError as error:  # the distribution without its cli extra
    raise SystemExit(f"The command line needs {error.name}. Run: pip install 'trainwright[cli]'.") from None

from trainwright import errors
from trainwright.channel import DEFAULT_TARGET, DEFAULT_TIMEOUT, TLS
from trainwright.client import TrainingClient
from trainwright.job import Job
from trainwright.watch import succeeded

# The first class that fits decides.
EXIT_CODES: Final[tuple[tuple[type[errors.TrainwrightError], int], ...]] = (
    (errors.JobFailed, 3),
    (errors.JobCancelled, 4),
    (errors.Unavailable, 5),
    (errors.DeadlineExceeded, 5),
    (errors.CallCancelled, 5),
    (errors.InternalError, 1),
    (errors.TrainwrightError, 2),
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Trains models on a Trainwright service.",
    epilog="Exit codes: 0 success, 1 service error, 2 wrong request, 3 job failed, 4 job cancelled, "
    "5 service unavailable.",
)
datasets_app = typer.Typer(no_args_is_help=True, help="Uploaded tables.")
app.add_typer(datasets_app, name="datasets")
app.add_typer(cli_admin.app, name="admin")

JobId = Annotated[str, typer.Argument(metavar="JOB", help="Id or name of the job.")]
DatasetId = Annotated[str, typer.Argument(metavar="DATASET", help="Digest or name of the dataset.")]
SpecPath = Annotated[Path, typer.Argument(metavar="SPEC", help="YAML file with the spec.")]
Data = Annotated[
    str | None,
    typer.Option(help="CSV or Parquet file to upload, or a URI the service reads, in place of the spec's data.uri."),
]
Output = Annotated[Format, typer.Option("-o", "--output", help="How the answer is written.")]
Limit = Annotated[int, typer.Option(min=1, help="Most rows to show.")]
Watch = Annotated[bool, typer.Option("--watch", help="Follow the job to its end.")]


@dataclass(frozen=True)
class Server:
    """How the commands reach the service."""

    target: str
    token: str | None
    tls: TLS | None
    timeout: float

    def client(self) -> TrainingClient:
        """Opens a client."""
        return TrainingClient(self.target, tls=self.tls, token=self.token, timeout=self.timeout)


@app.callback()
def connect(
    context: typer.Context,
    server: Annotated[
        str, typer.Option(envvar="TRAINWRIGHT_SERVER", help="host:port; of several replicas, with commas.")
    ] = DEFAULT_TARGET,
    token: Annotated[str | None, typer.Option(envvar="TRAINWRIGHT_TOKEN", help="Bearer token.")] = None,
    ca: Annotated[
        Path | None,
        typer.Option(
            envvar="TRAINWRIGHT_CA", help="Certificates to trust (PEM); turns TLS on.", dir_okay=False, exists=True
        ),
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            envvar="TRAINWRIGHT_CERTIFICATE",
            help="Your own certificate (PEM), where the service asks for one.",
            dir_okay=False,
            exists=True,
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            envvar="TRAINWRIGHT_KEY", help="Private key of that certificate (PEM).", dir_okay=False, exists=True
        ),
    ] = None,
    timeout: Annotated[float, typer.Option(min=0.001, help="Seconds allowed for each call.")] = DEFAULT_TIMEOUT,
) -> None:
    """Keeps how to reach the service for the command that follows."""
    if (certificate is None) != (key is None):
        raise typer.BadParameter("give --key as well", param_hint="--certificate")
    tls = TLS(ca, certificate, key) if ca or certificate else None
    context.obj = Server(server, token, tls, timeout)


@app.command()
def submit(
    context: typer.Context,
    spec: SpecPath,
    data: Data = None,
    watch: Watch = False,
    label: Annotated[list[str] | None, typer.Option(help="KEY=VALUE to find the job by; may be repeated.")] = None,
    request_id: Annotated[str | None, typer.Option(help="Makes the command safe to repeat.")] = None,
    queue_timeout: Annotated[float | None, typer.Option(help="Longest wait for a start, seconds.")] = None,
    run_deadline: Annotated[float | None, typer.Option(help="Longest run, seconds.")] = None,
    priority: Annotated[int, typer.Option(min=-100, max=100, help="Greater starts first.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Write only the job's id.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Starts a job."""
    with context.obj.client() as client:
        job = client.submit(
            spec,
            data,
            request_id=request_id,
            labels=_labels(label or []),
            queue_timeout=queue_timeout,
            run_deadline=run_deadline,
            priority=priority,
        )
        if quiet:
            print(job.id, flush=True)
        if watch:
            _follow(job)
        if not quiet:
            show(job.describe(), output, render.job)


@app.command()
def plan(context: typer.Context, spec: SpecPath, data: Data = None, output: Output = Format.TABLE) -> None:
    """Validates a spec and tells what it would do, without starting a job."""
    with context.obj.client() as client:
        show(client.plan(spec, data), output, render.plan)


@app.command()
def get(context: typer.Context, job: JobId, output: Output = Format.TABLE) -> None:
    """Shows a job."""
    with context.obj.client() as client:
        show(client.get(job), output, render.job)


@app.command("list")
def list_jobs(
    context: typer.Context,
    filter: Annotated[str, typer.Option(help='Such as: state = RUNNING AND labels.team = "line 3".')] = "",
    order_by: Annotated[str, typer.Option(help="create_time or update_time, then asc or desc.")] = "",
    limit: Limit = 50,
    output: Output = Format.TABLE,
) -> None:
    """Lists jobs, newest first."""
    with context.obj.client() as client:
        show(list(islice(client.list(filter, order_by), limit)), output, render.jobs)


@app.command()
def watch(context: typer.Context, job: JobId, output: Output = Format.TABLE) -> None:
    """Follows a job to its end; the exit code tells how it ended."""
    with context.obj.client() as client:
        handle = client.job(job)
        _follow(handle)
        show(handle.describe(), output, render.job)


@app.command()
def logs(
    context: typer.Context,
    job: JobId,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job has ended.")] = False,
    level: Annotated[str | None, typer.Option(help="Lowest level: debug, info, warning or error.")] = None,
    contains: Annotated[str, typer.Option(help="Only lines with this text.")] = "",
    attempt: Annotated[int, typer.Option(min=0, help="Only lines of this attempt.")] = 0,
    output: Output = Format.TABLE,
) -> None:
    """Shows what a job logged; with -o json, one object a line."""
    console = Console()
    with context.obj.client() as client:
        for line in client.job(job).logs(follow=follow, level=level, contains=contains, attempt=attempt):
            match output:
                case Format.TABLE:
                    console.print(render.log_line(line), soft_wrap=True)
                case Format.JSON:
                    print(json.dumps(render.plain(line), ensure_ascii=False), flush=True)
                case Format.YAML:
                    show([line], output, str)


@app.command()
def cancel(
    context: typer.Context,
    job: JobId,
    reason: Annotated[str, typer.Option(help="Shown in the job's error.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """Stops a job; partial results stay."""
    with context.obj.client() as client:
        show(client.job(job).cancel(reason), output, render.job)


@app.command()
def rerun(context: typer.Context, job: JobId, watch: Watch = False, output: Output = Format.TABLE) -> None:
    """Starts a new job from an earlier one's spec and manifest."""
    with context.obj.client() as client:
        new = client.job(job).rerun()
        for difference in new.differences:
            print(f"differs: {difference}", file=sys.stderr)
        if watch:
            _follow(new)
        show(new.describe(), output, render.job)


@app.command()
def adopt(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="OUT", help="Folder of the run, as the service sees it.")],
    label: Annotated[list[str] | None, typer.Option(help="KEY=VALUE to find the job by; may be repeated.")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Takes up a finished run of python -m trainers, or of a Ray job, as a job."""
    with context.obj.client() as client:
        show(client.adopt(folder, labels=_labels(label or [])).describe(), output, render.job)


@app.command()
def compare(
    context: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Id or name of the job to compare with.")],
    others: Annotated[list[str], typer.Argument(metavar="JOB...", help="Jobs to compare.")],
    output: Output = Format.TABLE,
) -> None:
    """Sets finished jobs beside a reference: what changed, and whether it helped."""
    with context.obj.client() as client:
        show(client.compare(reference, *others), output, draw_comparisons)


@app.command()
def delete(context: typer.Context, job: JobId) -> None:
    """Deletes an ended job with its events, logs and files."""
    with context.obj.client() as client:
        client.job(job).delete()


@app.command()
def report(context: typer.Context, job: JobId, output: Output = Format.TABLE) -> None:
    """Shows what a finished job found: scores, threshold and cost, candidates, and where everything lies."""
    with context.obj.client() as client:
        info = succeeded(client.get(job))
        if output is Format.TABLE:
            show(info, output, draw_report)
        else:
            show(info.report, output, str)


@app.command()
def trials(context: typer.Context, job: JobId, limit: Limit = 1000, output: Output = Format.TABLE) -> None:
    """Lists the configurations a job has tried."""
    with context.obj.client() as client:
        show(list(islice(client.job(job).trials(), limit)), output, render.trials)


@app.command()
def wait_ready(
    context: typer.Context,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait.")] = 60.0,
) -> None:
    """Waits until the service answers."""
    with context.obj.client() as client:
        client.wait_ready(timeout)


@datasets_app.command()
def upload(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or Parquet file.")],
    name: Annotated[str, typer.Option(help="Name to show. Default: the file's name.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """Uploads a table; its name then serves as data.uri of a spec."""
    with context.obj.client() as client:
        show(client.datasets.upload(file, display_name=name), output, render.dataset)


@datasets_app.command("list")
def list_datasets(context: typer.Context, limit: Limit = 50, output: Output = Format.TABLE) -> None:
    """Lists datasets, newest first."""
    with context.obj.client() as client:
        show(list(islice(client.datasets.list(), limit)), output, render.datasets)


@datasets_app.command("get")
def get_dataset(context: typer.Context, dataset: DatasetId, output: Output = Format.TABLE) -> None:
    """Shows a dataset with its columns."""
    with context.obj.client() as client:
        show(client.datasets.get(dataset), output, render.dataset)


@datasets_app.command("delete")
def delete_dataset(context: typer.Context, dataset: DatasetId) -> None:
    """Deletes a dataset that no open job reads."""
    with context.obj.client() as client:
        client.datasets.delete(dataset)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits.

    Args:
        arguments: The words after the program's name. Default: those the program was started with.
    """
    try:
        app(args=arguments, prog_name="trainwright")
    except errors.TrainwrightError as error:
        print(f"trainwright: {error}", file=sys.stderr)
        sys.exit(exit_code(error))


def exit_code(error: errors.TrainwrightError) -> int:
    """The exit code that tells a script what happened."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


def _follow(job: Job) -> None:
    """Waits for a job's success; interrupted, it tells that the job goes on."""
    try:
        job.wait()
    except KeyboardInterrupt:
        print(f"\nThe job goes on. Follow it with: trainwright watch {job.id}", file=sys.stderr)
        raise typer.Exit(130) from None


def _labels(words: Sequence[str]) -> dict[str, str]:
    labels = {}
    for word in words:
        key, separator, value = word.partition("=")
        if not separator:
            raise typer.BadParameter(f"must be KEY=VALUE, not {word!r}", param_hint="--label")
        labels[key] = value
    return labels
