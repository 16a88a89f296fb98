"""The networks of the training benchmark in PyTorch, to be timed in turns with ours.

Arguments: NETWORK THREADS BATCH IMAGES CHANNELS HEIGHT WIDTH CLASSES LEARNING_RATE DATA, where DATA is a file with
IMAGES x CHANNELS x HEIGHT x WIDTH floats and then IMAGES labels of 4 bytes, both in this machine's byte order.
Says "ready VERSION PARAMETERS"; then, for each line on stdin with a number of seconds, trains for about as long and says
"IMAGES SECONDS LOSS". Ends when stdin does.
"""

import sys
import time

import torch
from torch import nn


def convolution(inputs, outputs, kernel, stride, bias):
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=bias)


def lenet(channels, height, width, classes):
    stride = 2 if max(height, width) > 32 else 1
    layers = []
    inputs = channels
    for outputs, kernel, step in ((16, 5, stride), (32, 5, 1), (64, 3, 1)):
        # Halved before the ReLU, as ours is: it then touches a quarter of the values.
        layers += [convolution(inputs, outputs, kernel, step, True), nn.MaxPool2d(2), nn.ReLU(inplace=True)]
        inputs = outputs
        height, width = -(-height // step) // 2, -(-width // step) // 2
    layers += [nn.Flatten(), nn.Linear(inputs * height * width, 128), nn.ReLU(inplace=True), nn.Linear(128, classes)]
    return nn.Sequential(*layers)


def normalised(inputs, outputs, kernel, stride):
    return nn.Sequential(convolution(inputs, outputs, kernel, stride, False), nn.BatchNorm2d(outputs))


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.branch = nn.Sequential(
            normalised(inputs, outputs, 3, stride), nn.ReLU(inplace=True), normalised(outputs, outputs, 3, 1)
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else normalised(inputs, outputs, 1, stride)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.branch(x) + self.shortcut(x))


def resnet18(channels, height, width, classes):
    layers = [normalised(channels, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
    inputs = 64
    for group, outputs in enumerate((64, 128, 256, 512)):
        for block in range(2):
            layers.append(BasicBlock(inputs, outputs, 2 if group > 0 and block == 0 else 1))
            inputs = outputs
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes)]
    return nn.Sequential(*layers)


def main():
    network, threads, batch, images, channels, height, width, classes, learning_rate, data = sys.argv[1:]
    batch, images, channels, height, width, classes = map(int, (batch, images, channels, height, width, classes))
    torch.manual_seed(1)
    torch.set_num_threads(int(threads))
    with open(data, "rb") as file:
        content = bytearray(file.read())
    values = images * channels * height * width
    pixels = torch.frombuffer(content, dtype=torch.float32, count=values).reshape(images, channels, height, width)
    labels = torch.frombuffer(content, dtype=torch.int32, offset=4 * values, count=images).long()

    model = {"lenet": lenet, "resnet18": resnet18}[network](channels, height, width, classes)
    model.train()
    optimiser = torch.optim.Adam(model.parameters(), lr=float(learning_rate))
    loss_function = nn.CrossEntropyLoss()
    # Deeplearning4j counts the running statistics of batch normalisation among the parameters.
    statistics = [b for name, b in model.named_buffers() if not name.endswith("num_batches_tracked")]
    print("ready", torch.__version__, sum(p.numel() for p in [*model.parameters(), *statistics]), flush=True)

    for line in sys.stdin:
        seconds = float(line)
        trained, loss = 0, None
        began = time.perf_counter()
        elapsed = 0
        while trained == 0 or elapsed < seconds:
            for first in range(0, images, batch):
                optimiser.zero_grad(set_to_none=True)
                loss = loss_function(model(pixels[first : first + batch]), labels[first : first + batch])
                loss.backward()
                optimiser.step()
            trained += images
            elapsed = time.perf_counter() - began
        print(trained, elapsed, loss.item(), flush=True)


main()
