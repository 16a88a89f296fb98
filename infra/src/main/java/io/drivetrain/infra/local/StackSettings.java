package io.drivetrain.infra.local;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * How a local stack is to be started.
 *
 * @param directory of its state and logs
 * @param configFile given by the user
 * @param overrides of the configuration, by dotted path
 * @param brokerPort to use; empty takes a free one
 * @param flinkPort of the web UI; empty takes a free one
 * @param freeBytes how much space must be free in the folder
 */
public record StackSettings(
        Path directory,
        Optional<Path> configFile,
        Map<String, String> overrides,
        Optional<Integer> brokerPort,
        Optional<Integer> flinkPort,
        long freeBytes) {}
