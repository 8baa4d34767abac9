"""`fkd train submit` and `fkd train score`: the file that the competition takes, and its score."""

import json
from pathlib import Path
from typing import Annotated

import typer

from training.cli.scores import print_scores

Data = Annotated[Path | None, typer.Option(help="The competition's files; default: where the training found them.")]
Flips = Annotated[
    bool, typer.Option("--flips/--no-flips", help="Average the answers for the image and for its mirror image.")
]


def submit(
    run: Annotated[Path, typer.Argument(help="Folder of a training or of an ensemble.")],
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("submission.csv"),
    data: Data = None,
    flips: Flips = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
) -> None:
    """Write the file that Kaggle takes."""
    from training.predictions import dataset_of, read_predictions
    from training.submission import asked_of, write_submission

    dataset = dataset_of(run, data)
    asked = asked_of(dataset)
    write_submission(out, read_predictions(run, dataset, flips=flips).test, asked, overwrite=overwrite)
    typer.echo(f"{len(asked.row_ids)} locations of {len(dataset.test)} images")
    typer.echo(f"written: {out}")


def score(
    answers: Annotated[Path, typer.Argument(help="Folder of a training or of an ensemble, or a submission file.")],
    solution: Annotated[Path, typer.Option(help="Table of the right answers, with the columns RowId and Location.")],
    data: Data = None,
    flips: Flips = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Compute the competition's score, where the solution is known."""
    from tracker.errors import InputError
    from training.data.competition import read_dataset
    from training.predictions import dataset_of, read_predictions
    from training.submission import read_solution, read_submission

    if answers.is_dir():
        dataset = dataset_of(answers, data)
        points = read_predictions(answers, dataset, flips=flips).test
    elif data is None:
        raise InputError("A submission does not say which files it answers; name them with --data.")
    else:
        dataset = read_dataset(data)
        points = read_submission(answers, dataset)
    known = read_solution(solution, dataset)
    result = known.score(points) | {"values": known.values}
    if as_json:
        typer.echo(json.dumps(result, indent=2))
        return
    print_scores(result)
