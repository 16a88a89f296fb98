package io.drivetrain.pipeline.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.SourceVerdict;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SourceRatesTest {
    private static final DrivetrainConfig.Balance SETTINGS =
            TestSamples.config(Map.of("balance.significance", "0.05")).balance();
    private static final int SOURCES = 200;
    private static final long EXPOSURE = 500;

    @Test
    void ofManySourcesThatAreAllAlikeOneIsAccusedInFewWindows() {
        Random random = new Random(11);
        int windows = 400;
        int accused = 0;
        for (int window = 0; window < windows; window++) {
            int[] corrections = new int[SOURCES];
            for (int i = 0; i < 80; i++) {
                corrections[random.nextInt(SOURCES)]++;
            }
            accused += standsOut(corrections) ? 1 : 0;
        }
        assertThat((double) accused / windows)
                .as("share of windows with a false alert")
                .isLessThan(0.05 + 3 * Math.sqrt(0.05 * 0.95 / windows));
    }

    @Test
    void oneOfManySourcesThatIsCorrectedMoreOftenStandsOut() {
        int[] corrections = new int[SOURCES];
        for (int i = 0; i < 80; i++) {
            corrections[i]++;
        }
        corrections[7] = 9;
        assertThat(standsOut(corrections)).isTrue();
    }

    @Test
    void sourcesThatAreNotInTheWindowBelongToTheFamily() {
        SortedMap<String, SourceRates.Known> known = new TreeMap<>();
        known.put("bob", corrected(3));
        SourceRates.Outcome outcome = new SourceRates(SETTINGS)
                .judge(known, Map.of("ann", EXPOSURE, "bob", EXPOSURE, "cleo", EXPOSURE, "unknown", EXPOSURE));
        assertThat(outcome.tests()).isEqualTo(3);
        SourceRates.Standing bob = outcome.standings().get("bob");
        assertThat(bob.correctionPValue()).isEqualTo(1.0 / 64, within(1e-12));
        assertThat(bob.correctionAdjusted()).isEqualTo(3.0 / 64, within(1e-12));
    }

    private static boolean standsOut(int[] corrections) {
        SortedMap<String, SourceRates.Known> known = new TreeMap<>();
        Map<String, Long> exposures = new TreeMap<>();
        for (int i = 0; i < corrections.length; i++) {
            exposures.put("source-" + i, EXPOSURE);
            if (corrections[i] > 0) {
                known.put("source-" + i, corrected(corrections[i]));
            }
        }
        return new SourceRates(SETTINGS)
                .judge(known, exposures).standings().values().stream()
                        .anyMatch(standing -> standing.verdict() == SourceVerdict.STANDS_OUT);
    }

    // Each in a drive of its own.
    private static SourceRates.Known corrected(int times) {
        SourceCounts counts = SourceCounts.NONE;
        for (int i = 0; i < times; i++) {
            counts = counts.plusDrive(0, 1);
        }
        return new SourceRates.Known(SourceCounts.NONE, counts, EXPOSURE);
    }
}
