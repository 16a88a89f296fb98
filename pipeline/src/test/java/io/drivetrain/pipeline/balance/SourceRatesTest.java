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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceRatesTest {
    private static final DrivetrainConfig.Balance SETTINGS =
            TestSamples.config(Map.of("balance.significance", "0.05")).balance();
    private static final int SOURCES = 200;
    private static final Exposure EQUAL = Exposure.NONE.plus(500);

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
                .judge(known, Map.of("ann", EQUAL, "bob", EQUAL, "cleo", EQUAL, "unknown", EQUAL));
        assertThat(outcome.tests()).isEqualTo(3);
        SourceRates.Standing bob = outcome.standings().get("bob");
        assertThat(bob.correctionPValue()).isEqualTo(1.0 / 64, within(1e-12));
        assertThat(bob.correctionAdjusted()).isEqualTo(3.0 / 64, within(1e-12));
    }

    /** People look through new labels mostly, so that the newest annotator has the most corrections and no more errors. */
    @ParameterizedTest(name = "corrected labels have a half-life of {0} windows")
    @ValueSource(doubles = {0.5, 1, 3, 10, 1e9})
    void aNewAnnotatorAmongRetiredOnesIsNotAccusedOfBeingNew(double halfLife) {
        Random random = new Random(23);
        int windows = 600;
        int accused = 0;
        Staff staff = new Staff(halfLife);
        for (int window = 0; window < windows; window++) {
            accused += staff.windowAccuses(window, random, 1) != null ? 1 : 0;
        }
        assertThat((double) accused / windows)
                .as("share of windows with a false alert")
                .isLessThan(0.05 + 3 * Math.sqrt(0.05 * 0.95 / windows));
    }

    @ParameterizedTest(name = "corrected labels have a half-life of {0} windows")
    @ValueSource(doubles = {0.5, 1})
    void aNewAnnotatorWhoErrsFiveTimesAsOftenAsTheOthersNowIsFound(double halfLife) {
        Random random = new Random(29);
        int windows = 200;
        int found = 0;
        Staff staff = new Staff(halfLife);
        for (int window = 0; window < windows; window++) {
            found += Staff.newest(window).equals(staff.windowAccuses(window, random, 5)) ? 1 : 0;
        }
        assertThat(found)
                .as("windows of %d in which the newest is named", windows)
                .isGreaterThan(windows / 2);
    }

    /** Four annotate at a time; every five windows a new one takes the place of the oldest. */
    private static final class Staff {
        private static final int AT_A_TIME = 4;
        private static final int WINDOWS_EACH = 5;
        private static final int LABELS = 250;
        private static final int CORRECTIONS = 60;

        private final double halfLife;
        private final Map<String, Exposure> exposures = new TreeMap<>();

        /** What each still has in the pile that people look through. */
        private final Map<String, Double> lookedThrough = new TreeMap<>();

        Staff(double halfLife) {
            this.halfLife = halfLife;
        }

        private static String name(int number) {
            return "annotator-%05d".formatted(number);
        }

        static String newest(int window) {
            return name(window / WINDOWS_EACH + AT_A_TIME - 1);
        }

        /** Who stands out in the next window; null if nobody does. */
        String windowAccuses(int window, Random random, double errorsOfTheNewest) {
            lookedThrough.replaceAll((name, left) -> left * Math.pow(0.5, 1 / halfLife));
            for (int i = 0; i < AT_A_TIME; i++) {
                String name = name(window / WINDOWS_EACH + i);
                exposures.merge(name, Exposure.NONE.plus(LABELS), Exposure::plus);
                lookedThrough.merge(
                        name, name.equals(newest(window)) ? LABELS * errorsOfTheNewest : LABELS, Double::sum);
            }
            double all = lookedThrough.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            Map<String, Integer> corrections = new TreeMap<>();
            for (int i = 0; i < CORRECTIONS; i++) {
                double left = random.nextDouble() * all;
                String hit = newest(window);
                for (Map.Entry<String, Double> entry : lookedThrough.entrySet()) {
                    left -= entry.getValue();
                    if (left < 0) {
                        hit = entry.getKey();
                        break;
                    }
                }
                corrections.merge(hit, 1, Integer::sum);
            }
            SortedMap<String, SourceRates.Known> known = new TreeMap<>();
            corrections.forEach((name, times) -> known.put(name, corrected(times)));
            String accused = new SourceRates(SETTINGS)
                    .judge(known, exposures).standings().entrySet().stream()
                            .filter(entry -> entry.getValue().verdict() == SourceVerdict.STANDS_OUT)
                            .map(Map.Entry::getKey)
                            .findFirst()
                            .orElse(null);
            exposures.replaceAll((name, exposure) -> exposure.aged());
            return accused;
        }
    }

    private static boolean standsOut(int[] corrections) {
        SortedMap<String, SourceRates.Known> known = new TreeMap<>();
        Map<String, Exposure> exposures = new TreeMap<>();
        for (int i = 0; i < corrections.length; i++) {
            exposures.put("source-" + i, EQUAL);
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
        return new SourceRates.Known(SourceCounts.NONE, counts);
    }
}
