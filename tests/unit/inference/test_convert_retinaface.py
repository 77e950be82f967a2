"""The graph computes what the PyTorch modules of biubug6's Pytorch_Retinaface compute, written out here again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from crossid.errors import ModelError
from crossid.inference.convert.retinaface import build
from crossid.inference.session import Session

if TYPE_CHECKING:
    from pathlib import Path

torch = pytest.importorskip("torch", reason="needs torch (CPU), the reference of the parity tests")
nn = torch.nn
FILE = "biubug6_retinaface_mobilenet0.25_Final.pth"


def linear(inputs: int, outputs: int, *, size: int = 3, stride: int = 1, groups: int = 1) -> list[Any]:
    convolution = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs)]


def leaky(inputs: int, outputs: int, *, size: int = 3, stride: int = 1, groups: int = 1) -> list[Any]:
    return [*linear(inputs, outputs, size=size, stride=stride, groups=groups), nn.LeakyReLU(0.1)]


def depthwise(inputs: int, outputs: int, stride: int) -> Any:
    return nn.Sequential(*leaky(inputs, inputs, stride=stride, groups=inputs), *leaky(inputs, outputs, size=1))


class Context(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv3X3 = nn.Sequential(*linear(64, 32))
        self.conv5X5_1 = nn.Sequential(*leaky(64, 16))
        self.conv5X5_2 = nn.Sequential(*linear(16, 16))
        self.conv7X7_2 = nn.Sequential(*leaky(16, 16))
        self.conv7x7_3 = nn.Sequential(*linear(16, 16))

    def forward(self, x: Any) -> Any:
        inner = self.conv5X5_1(x)
        parts = [self.conv3X3(x), self.conv5X5_2(inner), self.conv7x7_3(self.conv7X7_2(inner))]
        return torch.relu(torch.cat(parts, 1))


class Head(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.conv1x1 = nn.Conv2d(64, 2 * size, 1)
        self.size = size

    def forward(self, x: Any) -> Any:
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(len(x), -1, self.size)


class RetinaFace(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Module()
        first = [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]
        self.body.stage1 = nn.Sequential(nn.Sequential(*leaky(3, 8, stride=2)), *(depthwise(*each) for each in first))
        self.body.stage2 = nn.Sequential(depthwise(64, 128, 2), *(depthwise(128, 128, 1) for _ in range(5)))
        self.body.stage3 = nn.Sequential(depthwise(128, 256, 2), depthwise(256, 256, 1))
        self.fpn = nn.Module()
        for level, channels in enumerate((64, 128, 256), 1):
            setattr(self.fpn, f"output{level}", nn.Sequential(*leaky(channels, 64, size=1)))
        self.fpn.merge1, self.fpn.merge2 = (nn.Sequential(*leaky(64, 64)) for _ in range(2))
        self.ssh1, self.ssh2, self.ssh3 = (Context() for _ in range(3))
        self.BboxHead, self.ClassHead, self.LandmarkHead = (
            nn.ModuleList(Head(size) for _ in range(3)) for size in (4, 2, 10)
        )

    def forward(self, x: Any) -> list[Any]:
        fine = self.body.stage1(x)
        middle = self.body.stage2(fine)
        fine, middle, coarse = (
            self.fpn.output1(fine),
            self.fpn.output2(middle),
            self.fpn.output3(self.body.stage3(middle)),
        )
        middle = self.fpn.merge2(middle + nn.functional.interpolate(coarse, size=middle.shape[2:], mode="nearest"))
        fine = self.fpn.merge1(fine + nn.functional.interpolate(middle, size=fine.shape[2:], mode="nearest"))
        levels = [self.ssh1(fine), self.ssh2(middle), self.ssh3(coarse)]
        boxes, scores, landmarks = (
            torch.cat([head(level) for head, level in zip(heads, levels, strict=True)], 1)
            for heads in (self.BboxHead, self.ClassHead, self.LandmarkHead)
        )
        return [boxes, scores.softmax(-1), landmarks]


def random_network() -> Any:
    torch.manual_seed(0)
    network = RetinaFace().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    return network


def packed(network: Any) -> bytes:
    file = io.BytesIO()
    torch.save(network.state_dict(), file)
    return file.getvalue()


def pictures() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 50, (2, 3, 96, 160)).astype(np.float32)


def agree(network: Any, content: bytes) -> None:
    answers = Session(build(content), threads=1).run(pictures())
    with torch.no_grad():
        expected = network(torch.from_numpy(pictures()))
    for answer, reference in zip(answers, expected, strict=True):
        assert np.abs(answer - reference.numpy()).max() <= 1e-5 * max(float(reference.abs().max()), 1)


def test_the_graph_of_random_weights_agrees_with_the_modules() -> None:
    network = random_network()
    agree(network, packed(network))


@pytest.mark.shared
def test_the_graph_of_the_published_weights_agrees_with_the_modules(shared_data: Path) -> None:
    file = shared_data / "models" / FILE
    tensors = torch.load(file, map_location="cpu", weights_only=True)
    network = RetinaFace().eval()
    network.load_state_dict({name.removeprefix("module."): tensor for name, tensor in tensors.items()})
    agree(network, file.read_bytes())


def test_a_state_dict_of_another_network_is_refused() -> None:
    with pytest.raises(ModelError, match=r"body\.stage1\.0\.0\.weight") as refusal:
        build(packed(nn.Linear(3, 4)))
    assert refusal.value.remedy
