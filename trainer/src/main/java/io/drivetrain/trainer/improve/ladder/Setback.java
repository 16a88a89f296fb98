package io.drivetrain.trainer.improve.ladder;

import java.util.Map;

/**
 * A run that made things worse, so that the next one takes its keys back.
 *
 * @param sentence why, and whose keys are built on
 * @param restored keys that differ, with the values that are built on
 */
public record Setback(String sentence, Map<String, String> restored) {
    public Setback {
        restored = Map.copyOf(restored);
    }
}
