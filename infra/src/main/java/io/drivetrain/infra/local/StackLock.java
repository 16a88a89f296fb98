package io.drivetrain.infra.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** At most one stack in a folder; the system gives the lock back even if the holder is killed. */
public final class StackLock implements AutoCloseable {
    private static final String NAME = "lock";

    private final FileChannel channel;

    private StackLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock.
     *
     * @throws StackException with one sentence if another stack holds it
     */
    public static StackLock take(Path directory) throws StackException {
        Path file = directory.resolve(NAME);
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw held(file, channel);
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
            return new StackLock(channel);
        } catch (OverlappingFileLockException e) {
            throw held(file, channel);
        } catch (IOException e) {
            throw new StackException("Cannot lock %s (%s); check access rights".formatted(file, e.getMessage()), e);
        }
    }

    private static StackException held(Path file, FileChannel channel) throws StackException {
        String holder = "another process";
        try {
            String pid = Files.readString(file).strip();
            channel.close();
            if (!pid.isEmpty()) {
                holder = "process " + pid;
            }
        } catch (IOException e) {
            throw new StackException("Cannot read %s (%s)".formatted(file, e.getMessage()), e);
        }
        return new StackException(
                "A demo or stack already runs in %s (%s); stop it with Ctrl-C, or choose another folder with --dir"
                        .formatted(file.getParent(), holder));
    }

    @Override
    public void close() throws StackException {
        try {
            channel.close();
        } catch (IOException e) {
            throw new StackException("Cannot give the lock back (%s)".formatted(e.getMessage()), e);
        }
    }
}
