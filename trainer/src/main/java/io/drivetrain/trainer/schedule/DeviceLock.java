package io.drivetrain.trainer.schedule;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training at a time on a device, also of trainers that know nothing of each other: two that share cores or a
 * graphics card take more than twice as long each. Held as a lock of a file, which ends with its process.
 */
final class DeviceLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceLock.class);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Optional<FileChannel> channel;

    private DeviceLock(Optional<FileChannel> channel) {
        this.channel = channel;
    }

    /** The file for a device of this machine and user. */
    static Path fileOf(String device) {
        return Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("drivetrain-%s-%s.lock".formatted(System.getProperty("user.name"), FileNames.of(device)));
    }

    /**
     * Waits until the device is free. Where its file cannot be used, there is nothing to wait for, and the log says so.
     *
     * @param whenBusy called once if another training is on the device
     * @throws InterruptedException soon after the thread was interrupted
     */
    static DeviceLock acquire(Path file, Runnable whenBusy) throws InterruptedException {
        FileChannel channel;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            LOG.warn("The device is not locked, as {} cannot be opened ({})", file, e.getMessage());
            return new DeviceLock(Optional.empty());
        }
        boolean told = false;
        try {
            while (!tryLock(channel)) {
                if (!told) {
                    told = true;
                    whenBusy.run();
                }
                TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
            }
            return new DeviceLock(Optional.of(channel));
        } catch (IOException e) {
            LOG.warn("The device is not locked, as {} cannot be locked ({})", file, e.getMessage());
            close(channel);
            return new DeviceLock(Optional.empty());
        } catch (InterruptedException e) {
            close(channel);
            throw e;
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // Held by another trainer in this process.
            return false;
        }
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("The lock of the device is kept until this process ends ({})", e.getMessage());
        }
    }

    @Override
    public void close() {
        channel.ifPresent(DeviceLock::close);
    }
}
