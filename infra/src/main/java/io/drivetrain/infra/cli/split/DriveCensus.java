package io.drivetrain.infra.cli.split;

import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.Split;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Counts the drives and samples of all splits. Mutable, because it takes in one record of the topics after the other. */
final class DriveCensus {
    private final Map<String, Bound> first = new LinkedHashMap<>();
    private final Map<Split, Long> samples = new EnumMap<>(Split.class);
    private final Set<String> heldOut = new HashSet<>();

    /** Takes in a record of a split topic. */
    void admitted(CuratedSample sample, String where) {
        if (!sample.getCorrects()) {
            samples.merge(sample.getSplit(), 1L, Long::sum);
        }
        first.merge(sample.getDriveId(), Bound.of(sample, where), (known, next) -> next.before(known) ? next : known);
    }

    /** Takes in that an embargo refused a sample of the drive. */
    void heldOut(String driveId) {
        heldOut.add(driveId);
    }

    SplitSearch.Drives drives() {
        // A drive that was held out can be bound after the embargo was shortened.
        long still = heldOut.stream().filter(drive -> !first.containsKey(drive)).count();
        return new SplitSearch.Drives(first.values(), samples, still);
    }
}
