package io.drivetrain.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceLockTest {
    @TempDir
    Path directory;

    @Test
    void theSecondTrainingWaitsUntilTheFirstHasEndedAndSaysSo() throws Exception {
        Path file = directory.resolve("cpu.lock");
        CountDownLatch busy = new CountDownLatch(1);
        CompletableFuture<Void> second;
        try (DeviceLock first = DeviceLock.acquire(file, () -> {})) {
            assertThat(first).isNotNull();
            second = CompletableFuture.runAsync(() -> {
                try (DeviceLock lock = DeviceLock.acquire(file, busy::countDown)) {
                    assertThat(lock).isNotNull();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(busy.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(second).isNotDone();
        }
        second.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whoWaitsCanBeInterrupted() throws Exception {
        Path file = directory.resolve("cpu.lock");
        try (DeviceLock first = DeviceLock.acquire(file, () -> {})) {
            assertThat(first).isNotNull();
            Thread waiting = Thread.currentThread();
            assertThatThrownBy(() -> DeviceLock.acquire(file, waiting::interrupt))
                    .isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void aFileThatCannotBeUsedHoldsNobodyUp() throws Exception {
        Path noFolder = Files.createFile(directory.resolve("file"));
        try (DeviceLock lock = DeviceLock.acquire(noFolder.resolve("cpu.lock"), () -> {
            throw new AssertionError("waits");
        })) {
            assertThat(lock).isNotNull();
        }
    }
}
