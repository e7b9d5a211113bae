"""The training benchmark: both loops train the same network on the same examples."""

import pytest
import torch

from adambook.benchmarks import loops as bench


def weights(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("name", ["MLP", "VAE", "CNN"])
def test_both_loops_train_models_of_the_same_size(name, monkeypatch):
    seen = []
    ours, plain = bench._ours, bench.plain_loop
    monkeypatch.setattr(bench, "_ours", lambda m, *rest: seen.append(m) or ours(m, *rest))
    monkeypatch.setattr(bench, "plain_loop", lambda m, *rest: seen.append(m) or plain(m, *rest))
    loops = bench.MODELS[name][0](1)
    assert len(seen) == 2 and weights(seen[0]) == weights(seen[1])
    before = [torch.cat([p.detach().flatten() for p in m.parameters()]) for m in seen]
    loops.ours(), loops.plain()
    for model, old in zip(seen, before, strict=True):
        new = torch.cat([p.detach().flatten() for p in model.parameters()])
        assert float((new - old).abs().max()) == pytest.approx(1e-3, rel=0.05)  # Adam's first step


def test_the_stack_trains_its_thirty_settings_on_the_given_examples():
    loops = bench.logistic_regression(batches=2)
    rows = loops.ours()
    assert len(rows) == loops.settings == 30
    assert {row["alpha"] for row in rows} == set(bench.fig1_mnist.GRID["Adam"])


def test_a_row_is_per_step_and_setting(monkeypatch):
    times = {"ours": [0.6, 0.6], "plain": [0.2, 0.4], "gather": [0.03, 0.03]}
    monkeypatch.setattr(bench, "side_by_side", lambda forms, repeats: {k: times[k] for k in forms})
    loops = bench.Loops(*[lambda: None] * 3, settings=30, batches=2)
    row = bench._row("toy", loops, repeats=2, threads=1)
    assert (row["ours_ms"], row["plain_ms"], row["ratio"]) == (10.0, 150.0, 15.0)
    assert row["gather"] == 0.05


def test_an_unknown_model_is_named():
    with pytest.raises(ValueError, match="models must be among logistic regression, MLP, VAE, CNN"):
        bench.measure(["RNN"])
