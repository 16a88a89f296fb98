package io.drivetrain.infra.cli.train;

import io.drivetrain.schemas.ConfigException;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.RequestKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The keys that a request changes for its own run: what decides weights and report, nothing about a machine. */
public final class RunOverrides {
    private static final String CLIENT = "kafka.";

    private RunOverrides() {}

    /**
     * Returns what goes with the request.
     *
     * @param set keys as the user gave them with {@code --set}; those of {@code kafka} are about this command and stay here
     * @param flags keys for which there is a flag of their own
     * @throws ConfigException with every key that a request may not change, and every value that is not accepted
     */
    public static Map<String, String> of(Map<String, String> set, Map<String, String> flags) {
        Map<String, String> overrides = new TreeMap<>(flags);
        List<String> problems = new ArrayList<>();
        set.forEach((key, value) -> {
            if (flags.containsKey(key)) {
                problems.add("%s is given twice, by a flag and by --set; leave one out".formatted(key));
            } else if (!key.startsWith(CLIENT)) {
                overrides.put(key, value);
            }
        });
        Map<String, String> known = new TreeMap<>();
        overrides.forEach((key, value) -> {
            if (value.contains("${")) {
                problems.add("%s refers to a file or the environment, which a request may not; give the value itself"
                        .formatted(key));
            } else {
                known.put(key, value);
            }
        });
        problems.addAll(rejected(known));
        if (problems.isEmpty()) {
            overrides.keySet().stream()
                    .filter(key -> !RequestKeys.changeable(key))
                    .forEach(key -> problems.add(
                            "%s cannot be changed for one training, only keys of training, image, improve and analysis, and classes (not %s); set it in drivetrain.yaml and start the stack again"
                                    .formatted(key, String.join(", ", RequestKeys.FIXED))));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return overrides;
    }

    private static List<String> rejected(Map<String, String> keys) {
        try {
            var unused = ConfigReader.read(Optional.empty(), Map.of(), keys);
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }
}
