package io.drivetrain.infra.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Loopback ports: finding free ones, and saying who holds one that is not. */
public final class Ports {
    public static final int LARGEST = 65_535;

    private Ports() {}

    /**
     * Returns that many different free loopback ports.
     *
     * @throws StackException if there are none
     */
    public static List<Integer> free(int count) throws StackException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            // Held together, so that the same port is not given twice.
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } catch (IOException e) {
            throw new StackException("No free port on 127.0.0.1 (%s)".formatted(e.getMessage()), e);
        } finally {
            held.forEach(Ports::close);
        }
    }

    /**
     * Checks that a port can be taken.
     *
     * @param port 1 to {@link #LARGEST}
     * @param purpose what it is for, in a word or two
     * @param option the option that chooses another
     * @throws StackException with one sentence if it cannot
     */
    public static void requireFree(int port, String purpose, String option) throws StackException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new StackException(
                    "Port %d for the %s is taken%s; stop that, or choose another with %s"
                            .formatted(
                                    port,
                                    purpose,
                                    holder(port).map(who -> " by " + who).orElse(""),
                                    option),
                    e);
        }
    }

    /** Returns the process that listens on a port, where the system tells (Linux, own processes). */
    static Optional<String> holder(int port) {
        try {
            String inode = listeningInode(Path.of("/proc/net/tcp"), port)
                    .or(() -> listeningInodeUnchecked(Path.of("/proc/net/tcp6"), port))
                    .orElse(null);
            if (inode == null) {
                return Optional.empty();
            }
            String socket = "socket:[" + inode + "]";
            return ProcessHandle.allProcesses()
                    .filter(process -> holds(process.pid(), socket))
                    .findFirst()
                    .map(process -> "process %d (%s)".formatted(process.pid(), name(process)));
        } catch (IOException | UncheckedIOException e) {
            // Other systems have no /proc; the sentence is then without a name.
            return Optional.empty();
        }
    }

    private static String name(ProcessHandle process) {
        String command = process.info().command().orElse("unknown");
        return command.substring(command.lastIndexOf('/') + 1);
    }

    private static Optional<String> listeningInodeUnchecked(Path table, int port) {
        try {
            return listeningInode(table, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> listeningInode(Path table, int port) throws IOException {
        String suffix = String.format(Locale.ROOT, ":%04X", port);
        try (Stream<String> lines = Files.lines(table)) {
            // Columns: number, local address, remote address, state (0A = listening), ..., inode is the tenth.
            return lines.skip(1)
                    .map(line -> line.trim().split("\\s+"))
                    .filter(columns -> columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals("0A"))
                    .map(columns -> columns[9])
                    .findFirst();
        }
    }

    private static boolean holds(long pid, String socket) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).toString().equals(socket);
                } catch (IOException e) {
                    return false;
                }
            });
        } catch (IOException e) {
            return false;
        }
    }

    private static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Closing a probe socket failed", e);
        }
    }
}
