"""What PyTorch itself saves is read as PyTorch reads it (extra `parity`)."""

import io

import numpy as np
import pytest

from crossid.inference.tensors import state_dict

torch = pytest.importorskip("torch", reason="needs PyTorch, of the extra `parity`")


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_a_state_dict_of_pytorch_is_read_to_the_last_bit(zipped: bool) -> None:
    torch.manual_seed(1)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.PReLU(8), torch.nn.Linear(4, 2)
    )
    saved = net.state_dict()
    saved["turned"] = saved["3.weight"].t()
    saved["half"], saved["flags"] = saved["3.bias"].half(), saved["3.bias"] > 0
    file = io.BytesIO()
    torch.save(saved, file, _use_new_zipfile_serialization=zipped)
    read = state_dict(file.getvalue())
    assert list(read) == list(saved)
    for name, tensor in saved.items():
        np.testing.assert_array_equal(read[name], tensor.numpy())
        assert read[name].dtype == tensor.numpy().dtype
