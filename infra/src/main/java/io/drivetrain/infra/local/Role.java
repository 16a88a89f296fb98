package io.drivetrain.infra.local;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The processes of local stacks; {@link #IN_STOPPING_ORDER} says how they stop. */
public enum Role {
    BROKER(
            "Kafka broker",
            "io.drivetrain.infra.local.BrokerProcess",
            List.of("infra"),
            // It moves bytes; the second compiler would cost more than it gains on a small machine.
            List.of("-XX:+UseSerialGC", "-Xmx512m", "-XX:TieredStopAtLevel=1")),
    FLINK(
            "Flink with both jobs",
            "io.drivetrain.infra.local.FlinkProcess",
            List.of("infra", "pipeline"),
            // Images live short: a large young generation lets nearly all of them die there.
            opened("-XX:+UseParallelGC", "-Xmx1500m", "-Xmn900m")),
    TRAINER("trainer", "io.drivetrain.trainer.Trainer", List.of("trainer"), List.of("-XX:+UseSerialGC", "-Xmx1g")),
    /** With {@link #TASK_MANAGER} instead of {@link #FLINK}: they can die apart, as on a cluster. */
    JOB_MANAGER(
            "Flink job manager",
            "io.drivetrain.infra.local.JobManagerProcess",
            List.of("infra", "pipeline"),
            opened("-XX:+UseSerialGC", "-Xmx512m")),
    TASK_MANAGER(
            "Flink task manager",
            "io.drivetrain.infra.local.TaskManagerProcess",
            List.of("infra", "pipeline"),
            opened("-XX:+UseParallelGC", "-Xmx640m", "-XX:MaxDirectMemorySize=384m"));

    /** What {@code ./drivetrain up} starts. */
    public static final Set<Role> OF_A_STACK = Collections.unmodifiableSet(EnumSet.of(BROKER, FLINK, TRAINER));

    /** Whoever writes stops before the one that it writes to. */
    public static final List<Role> IN_STOPPING_ORDER = List.of(TRAINER, FLINK, JOB_MANAGER, TASK_MANAGER, BROKER);

    private final String title;
    private final String mainClass;
    private final List<String> modules;
    private final List<String> jvmOptions;

    Role(String title, String mainClass, List<String> modules, List<String> jvmOptions) {
        this.title = title;
        this.mainClass = mainClass;
        this.modules = modules;
        this.jvmOptions = jvmOptions;
    }

    private static List<String> opened(String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        for (String name : List.of("util", "lang", "net", "nio")) {
            all.add("--add-opens=java.base/java.%s=ALL-UNNAMED".formatted(name));
        }
        return all;
    }

    /** What people call it. */
    public String title() {
        return title;
    }

    /** Its name in files: {@code broker}, {@code flink}, {@code trainer}, {@code job-manager}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String mainClass() {
        return mainClass;
    }

    String[] modules() {
        return modules.toArray(String[]::new);
    }

    List<String> jvmOptions() {
        return jvmOptions;
    }
}
