"""The sizes: the shapes of ResNets against their published counts of parameters."""

import pytest

from adambook.benchmarks.sizes import NETWORKS, parameters, shapes_of


@pytest.mark.parametrize(
    "name, tensors, count", [("resnet18", 62, 11_689_512), ("resnet50", 161, 25_557_032)]
)
def test_networks_have_the_parameters_of_the_published_ones(name, tensors, count):
    """The counts that torchvision states for its models of these names."""
    assert (len(NETWORKS[name]), parameters(NETWORKS[name])) == (tensors, count)


def test_a_number_is_one_flat_tensor():
    assert shapes_of("3e7") == [(30_000_000,)] and shapes_of("7") == [(7,)]


@pytest.mark.parametrize("size", ["0", "-3", "1.5", "nan", "inf", "big", ""])
def test_what_is_no_size_is_refused_in_one_sentence(size):
    with pytest.raises(ValueError) as error:
        shapes_of(size)
    assert str(error.value) == (
        f"a size must be a whole number such as 1e6, or resnet18 or resnet50, got {size!r}"
    )
