"""The commands of operators: ``trainwright admin ...``. Exit codes as in cli.py."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from trainwright.admin import Check, Queue, Replica, Tenant, Verdict
from trainwright.doctor import examine
from trainwright.render import Format, columns, show, when

app = typer.Typer(no_args_is_help=True, help="Looks after the service as a whole; needs the role admin.")

VERDICT_STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "bold red"}
Output = Annotated[Format, typer.Option("-o", "--output", help="How the answer is written.")]


@app.command()
def queue(context: typer.Context, output: Output = Format.TABLE) -> None:
    """Shows what waits and runs by tenant and priority, and the replicas that serve."""
    with context.obj.client() as client:
        show(client.admin.queue(), output, draw_queue)


@app.command()
def tenants(context: typer.Context, output: Output = Format.TABLE) -> None:
    """Shows what each tenant holds, beside its quota."""
    with context.obj.client() as client:
        show(client.admin.tenants(), output, draw_tenants)


@app.command()
def drain(
    context: typer.Context,
    replica: Annotated[str, typer.Argument(metavar="REPLICA", help="Id of the replica, as `admin queue` shows it.")],
    undo: Annotated[bool, typer.Option("--undo", help="Let it take jobs again.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Has a replica hand its jobs to the others and take no new ones."""
    with context.obj.client() as client:
        show(client.admin.drain(replica, undo=undo), output, lambda drained: draw_replicas([drained]))


@app.command()
def doctor(context: typer.Context, output: Output = Format.TABLE) -> None:
    """Checks the way to the service and everything that it leans on; says what to mend. Exit code 1 when something is wrong."""
    server = context.obj
    with server.client() as client:
        checks = examine(client, server.target, server.tls)
    show(checks, output, draw_checks)
    if any(check.verdict is Verdict.WRONG for check in checks):
        raise typer.Exit(1)


def draw_checks(checks: Sequence[Check]) -> RenderableType:
    """Draws what was found, and below each what to mend."""
    table = columns("", "", "")
    for check in checks:
        table.add_row(Text(check.verdict.value, style=VERDICT_STYLES[check.verdict]), check.name, check.found)
        if check.mend:
            table.add_row("", "", Text(f"→ {check.mend}", style="bold"))
    return table


def draw_queue(queue: Queue) -> RenderableType:
    """Draws the queue above the replicas."""
    lines = columns("tenant", "priority>", "queued>", "running>", "oldest queued")
    for line in queue.lines:
        counts = str(line.priority), str(line.queued_jobs), str(line.running_jobs)
        lines.add_row(line.tenant, *counts, when(line.oldest_create_time))
    return Group(lines, "", draw_replicas(queue.replicas))


def draw_replicas(replicas: Sequence[Replica]) -> RenderableType:
    """Draws replicas."""
    table = columns("replica", "host", "running>", "at most>", "started", "lease until", "")
    for each in replicas:
        jobs = str(each.running_jobs), str(each.max_running_jobs)
        told = "draining" if each.draining else ""
        table.add_row(each.id, each.host, *jobs, when(each.start_time), when(each.lease_expire_time), told)
    return table


def draw_tenants(tenants: Sequence[Tenant]) -> RenderableType:
    """Draws tenants: what each holds, of what it may hold."""
    table = columns("tenant", "running>", "queued>", "CPUs>", "GPUs>", "stored>", "weight>", "highest priority>")
    for tenant in tenants:
        quota = tenant.quota
        table.add_row(
            tenant.name,
            _of(tenant.running_jobs, quota.running_jobs),
            _of(tenant.queued_jobs, quota.queued_jobs),
            _of(f"{tenant.cpus:g}", None if quota.cpus is None else f"{quota.cpus:g}"),
            _of(f"{tenant.gpus:g}", None if quota.gpus is None else f"{quota.gpus:g}"),
            _of(
                _megabytes(tenant.stored_bytes), None if quota.stored_bytes is None else _megabytes(quota.stored_bytes)
            ),
            f"{quota.weight:g}",
            "" if quota.highest_priority is None else str(quota.highest_priority),
        )
    return table


def _of(held: Any, most: Any) -> str:
    return str(held) if most is None else f"{held} of {most}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
