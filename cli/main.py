"""``reminders``: every command of the project. Each lives in the file of its name."""

import typer

from cli import (
    consent,
    contract,
    dead_letters,
    demo,
    doctor,
    drift,
    erase,
    evidence,
    invite,
    ledger,
    pause,
    plan,
    processes,
    rebuild,
    records,
    ref,
    replay,
    report,
    simulate,
    token,
    topics,
    unresolved,
    up,
    why,
)

app = typer.Typer(
    help="Interview texts at the right time, only with consent, silence at once after STOP.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

app.command()(demo.demo)
app.command()(up.up)
app.command()(up.down)
app.command()(plan.plan)
app.command()(why.why)
app.command()(report.report)
app.command()(report.forecast)
app.command()(doctor.doctor)
app.command()(drift.drift)
app.command()(evidence.evidence)
app.command()(consent.consent)
app.add_typer(ledger.app, name="ledger")
app.add_typer(records.app, name="records")
app.add_typer(dead_letters.app, name="dead-letters")
app.command()(erase.erase)
app.command()(pause.pause)
app.command()(pause.resume)
app.command()(unresolved.unresolved)
app.command()(unresolved.resolve)
app.command()(simulate.simulate)
app.command()(ref.ref)
app.command()(topics.topics)
app.command()(replay.replay)
app.command()(rebuild.rebuild)
app.command()(contract.contract)
app.command()(invite.invite)
app.command()(token.token)
for _process in (
    processes.worker,
    processes.sender,
    processes.gateway,
    processes.archive,
    processes.simulator,
):
    app.command(rich_help_panel="Processes")(_process)

if __name__ == "__main__":
    app()
