package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.RequestKeys;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The configuration of one run: the trainer's, with what its request changes. */
public sealed interface RunConfig {
    record Accepted(DrivetrainConfig config) implements RunConfig {}

    /** The reason is a sentence that names every key at fault. */
    record Refused(String reason) implements RunConfig {}

    /**
     * Applies a request's keys.
     *
     * @param base of the trainer
     * @param overrides by dotted path, as text
     */
    static RunConfig of(DrivetrainConfig base, Map<String, String> overrides) {
        if (overrides.isEmpty()) {
            return new Accepted(base);
        }
        TreeSet<String> fixed = new TreeSet<>();
        TreeSet<String> references = new TreeSet<>();
        overrides.forEach((key, value) -> {
            if (!RequestKeys.changeable(key)) {
                fixed.add(key);
            }
            // Whoever may ask for a training must not be able to read the trainer's files and environment.
            if (value.contains("${")) {
                references.add(key);
            }
        });
        if (!fixed.isEmpty()) {
            return new Refused("A request may not change %s; it may change keys of %s, but not %s"
                    .formatted(
                            String.join(", ", fixed),
                            String.join(", ", RequestKeys.CHANGEABLE),
                            String.join(", ", RequestKeys.FIXED)));
        }
        if (!references.isEmpty()) {
            return new Refused("A request may not refer to files or the environment, as %s does; give the value itself"
                    .formatted(String.join(", ", references)));
        }
        Map<String, String> merged = new TreeMap<>(base.asText());
        merged.putAll(overrides);
        try {
            DrivetrainConfig read = ConfigReader.read(Optional.empty(), Map.of(), merged);
            return new Accepted(new DrivetrainConfig(
                    base.kafka(),
                    read.classes(),
                    read.ingest(),
                    read.admission(),
                    read.image(),
                    read.quality(),
                    read.split(),
                    read.objectStore(),
                    read.store(),
                    read.flink(),
                    read.balance(),
                    read.shift(),
                    read.training(),
                    read.improve(),
                    read.analysis(),
                    read.retraining(),
                    read.asText()));
        } catch (ConfigException e) {
            return new Refused(e.getMessage());
        }
    }
}
