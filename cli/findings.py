"""What a look of the doctor found, and how it is told."""

from dataclasses import dataclass

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class Finding:
    """What a look found; ``mend`` says what to do where it is not well."""

    name: str
    well: bool
    said: str
    mend: str = ""


def tell(findings: list[Finding]) -> bool:
    """Print them; whether all is well."""
    for one in findings:
        console.print(f"{'[green]well' if one.well else '[red]NOT  '}[/]  {one.name}: {one.said}")
        if not one.well:
            console.print(f"      mend: {one.mend}", markup=False)
    return all(one.well for one in findings)
