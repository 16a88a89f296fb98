package io.drivetrain.infra.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * CPU time of the threads of a process by what they do, from {@code /proc/PID/task}; empty where there is no such folder.
 * The kernel keeps the first 15 characters of a thread's name and counts in hundredths of a second.
 */
final class ThreadCpu {
    private static final double MILLISECONDS_PER_TICK = 10;
    private static final String STAGES = "stages: drives, contents, looks, ids";

    /** Which part of the job a thread belongs to, by how its name begins; the first that fits counts. */
    private static final Map<String, String> PARTS = parts();

    private ThreadCpu() {}

    private static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("Source Data Fet", "fetching from Kafka");
        parts.put("Source: samples", "inspecting: decode, checks, measurements");
        parts.put("settle", "settling and writing Parquet");
        parts.put("drives", STAGES);
        parts.put("contents", STAGES);
        parts.put("looks", STAGES);
        parts.put("ids", STAGES);
        parts.put("rocksdb", "remembering: RocksDB's own threads");
        parts.put("OutputFlusher", "sending on what waits between tasks");
        parts.put("drive tallies", "counting for class balance");
        parts.put("class balance", "counting for class balance");
        parts.put("splits, rejecte", "writing to Kafka");
        parts.put("kafka-producer", "writing to Kafka");
        parts.put("C2 Compiler", "compiling (JIT)");
        parts.put("C1 Compiler", "compiling (JIT)");
        parts.put("GC Thread", "collecting garbage");
        parts.put("VM Thread", "collecting garbage");
        return parts;
    }

    /** Milliseconds of each part since the process began; what fits no part is {@code other}. */
    static Map<String, Double> ofJob(long pid) {
        Map<String, Double> milliseconds = new TreeMap<>();
        each(pid, (name, spent) -> milliseconds.merge(part(name), spent, Double::sum));
        return milliseconds;
    }

    /** Milliseconds of a whole process under one name. */
    static Map<String, Double> ofProcess(long pid, String name) {
        Map<String, Double> milliseconds = new TreeMap<>();
        each(pid, (thread, spent) -> milliseconds.merge(name, spent, Double::sum));
        return milliseconds;
    }

    private static String part(String thread) {
        return PARTS.entrySet().stream()
                .filter(part -> thread.startsWith(part.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("other");
    }

    private interface Threads {
        void see(String name, double milliseconds);
    }

    private static void each(long pid, Threads threads) {
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        if (!Files.isDirectory(tasks)) {
            return;
        }
        try (Stream<Path> all = Files.list(tasks)) {
            for (Path task : all.toList()) {
                see(task, threads);
            }
        } catch (IOException e) {
            // The process has ended, or hides its threads: a profile is no reason to fail.
            return;
        }
    }

    private static void see(Path task, Threads threads) throws IOException {
        try {
            String stat = Files.readString(task.resolve("stat"));
            int name = stat.indexOf('(');
            int end = stat.lastIndexOf(')');
            List<String> fields = List.of(stat.substring(end + 2).split(" "));
            // proc(5): user and system time are the fields 14 and 15, of which the first two are behind us.
            double ticks = Double.parseDouble(fields.get(11)) + Double.parseDouble(fields.get(12));
            threads.see(stat.substring(name + 1, end), ticks * MILLISECONDS_PER_TICK);
        } catch (NoSuchFileException e) {
            // A thread that has just ended.
            return;
        }
    }
}
