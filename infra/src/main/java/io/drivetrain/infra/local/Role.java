package io.drivetrain.infra.local;

import java.util.List;
import java.util.Locale;

/** The processes of a local stack, in the order in which they start; they stop in the opposite order. */
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
            List.of(
                    // Images live short: a large young generation lets nearly all of them die there.
                    "-XX:+UseParallelGC",
                    "-Xmx1400m",
                    "-Xmn700m",
                    "--add-opens=java.base/java.util=ALL-UNNAMED",
                    "--add-opens=java.base/java.lang=ALL-UNNAMED",
                    "--add-opens=java.base/java.net=ALL-UNNAMED",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED")),
    TRAINER("trainer", "io.drivetrain.trainer.Trainer", List.of("trainer"), List.of("-XX:+UseSerialGC", "-Xmx1g"));

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

    /** What people call it. */
    public String title() {
        return title;
    }

    /** Its name in files: {@code broker}, {@code flink}, {@code trainer}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
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
